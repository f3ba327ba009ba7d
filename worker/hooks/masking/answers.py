"""The operator hook `masking-answers`: what tools and the model say reaches people masked."""

from worker.hooks import Change, hookimpl
from worker.hooks.masking.masks import mask_piece


@hookimpl
def gptstore_screen_output(before: str, text: str, ended: bool) -> Change:
    changed, hold = mask_piece(before, text, ended)
    return Change(changed, hold)
