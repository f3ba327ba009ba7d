"""A base model's translation of one unit: asked for again, then cut, where the model can't find an end."""

from gptstore.sdk import Context
from gptstore_translator.repetition import cut_runaway
from gptstore_translator.request import Request

SECOND_TEMPERATURE = 0.7


def checked_translation(ctx: Context, text: str, number: int, request: Request) -> str:
    """number: of the unit, for the log."""
    translation = ""
    for temperature in (0, SECOND_TEMPERATURE):
        said = "".join(request.stream(text, temperature=temperature, seed=1)).strip()
        translation = cut_runaway(text, said)
        if translation == said:
            return translation
    ctx.log(f"The model found no end for part {number}; its translation was cut: {text[:80]}")
    return translation
