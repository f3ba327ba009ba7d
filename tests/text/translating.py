"""Scripted models that translate badly: what they make of a text shows what became of it."""

import re
from collections.abc import Callable
from typing import Any

from gptstore.sdk.testing import Run, ScriptedModel, run
from gptstore_translator.tool import translate


def text_of(prompt: Any) -> str:
    """Return the text that a base or a chat model is asked to translate."""
    if isinstance(prompt, str):
        return prompt.split(": ", 1)[1].rsplit("\n", 1)[0]
    return str(prompt[-1]["content"])


def translate_by(write: Callable[[str], str], text: str, *, is_chat: bool, source: str = "en") -> Run:
    model = ScriptedModel(lambda prompt: write(text_of(prompt)), is_chat=is_chat, context_length=4096)
    return run(translate, model=model, text=text, source=source, target="fr")


def capitals(text: str) -> str:
    return text.upper()


def words_only(text: str) -> str:
    """Lose all but words of letters and the signs of sentences."""
    return " ".join(re.findall(r"(?<![^\s(])[^\W\d_]+[.,:!?]?(?!\S)", text)) or "Oui"


def other_numbers(text: str) -> str:
    """Write numbers as in another country, some wrong."""
    return re.sub(r"\d[\d.,]*\d", lambda found: found[0].translate(str.maketrans(",.7", ".,1")), text).upper()


def twice(text: str) -> str:
    """Say everything again."""
    return f"{text} {text}".upper()


def in_one_line(text: str) -> str:
    return " ".join(text.split()).upper()


def with_empty_lines(text: str) -> str:
    return "\n\n".join(text.splitlines()).upper()
