"""The operator hook `masking`: it masks the input of people before tools and the model get it."""

from worker.hooks import Change, hookimpl
from worker.hooks.masking.masks import mask


@hookimpl
def gptstore_screen_input(text: str) -> Change:
    return Change(mask(text))
