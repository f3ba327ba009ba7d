"""Detects which of the translator's languages a text is in.

py3langid was chosen over a detector of our own after a comparison on 20,000 short sentences; the numbers are in
the README. It also knows other languages, and so can tell "none of these five".
"""

from functools import cache
from typing import TYPE_CHECKING

from gptstore.sdk import Context, ToolError
from gptstore.sdk.masks import Masks
from gptstore_translator.prompts import LANGUAGES

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE_CHARACTERS = 4000
FOREIGN_BELOW = 0.02
SURE_FROM = 0.6
WRITTEN_LIKE_CHINESE = {"yue": "zh", "wuu": "zh"}
"""The languages that short Chinese sentences are mistaken for: Cantonese and Wu."""


def choose_source(ctx: Context, text: str, source: str, target: str) -> str:
    """Return the language to translate from: the chosen or the detected one. Raises ToolError if it is the target."""
    if source == target:
        raise ToolError(f"Both languages are {LANGUAGES[target]}. Choose two different ones.")
    if source != "detect":
        return source
    masks = Masks(text)
    detected = detect_language(masks.remove(masks.text))
    ctx.log(f"Detected language: {LANGUAGES[detected]}")
    if detected == target:
        raise ToolError(
            f"The text is already in {LANGUAGES[target]}. Choose another language to translate into, "
            "or choose the source language yourself if it was detected wrongly."
        )
    return detected


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the text's language.

    Raises ToolError when the text is in none of the languages, or too short to tell.
    """
    shares = dict.fromkeys(LANGUAGES, 0.0)
    for code, probability in _identifier().rank(text.strip()[:SAMPLE_CHARACTERS]):
        language = WRITTEN_LIKE_CHINESE.get(code, code)
        if language in shares:
            shares[language] += float(probability)
    total = sum(shares.values())
    if total < FOREIGN_BELOW:
        raise ToolError(
            f"The text does not look like any of {', '.join(LANGUAGES.values())}. "
            "If it is in one of these, choose its language instead of detecting it."
        )
    best = max(shares, key=shares.__getitem__)
    if shares[best] / total < SURE_FROM:
        raise ToolError("The text is too short to tell its language. Choose the source language yourself.")
    return best


@cache
def _identifier() -> "LanguageIdentifier":
    # The model takes half a second and about 100 MB to load: only a run that detects should pay for it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
