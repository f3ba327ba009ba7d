"""The operator hook `masking-answers`: it masks the output of tools and of the model before people read it."""

from worker.hooks import Change, hookimpl
from worker.hooks.masking.masks import mask_piece


@hookimpl
def gptstore_screen_output(before: str, text: str, ended: bool) -> Change:
    changed, hold = mask_piece(before, text, ended)
    return Change(changed, hold)
