"""The operator hook `masking`: what people wrote reaches tools and the model masked."""

from worker.hooks import Change, hookimpl
from worker.hooks.masking.masks import mask


@hookimpl
def gptstore_screen_input(text: str) -> Change:
    return Change(mask(text))
