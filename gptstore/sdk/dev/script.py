"""Models that answer from a file, or with texts made up for the purpose."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from gptstore.sdk.dev.errors import ModelError
from gptstore.sdk.intake.example_answers import CONTEXT_LENGTH
from gptstore.sdk.testing import ScriptedModel

SUFFIXES = (".toml", ".txt")
_KEYS = {"answers": list, "answer": str, "chat": bool, "context_length": int}
_EXAMPLE = 'write answers = ["first", "second"], or answer = "the same each time"'


def read_script(path: Path) -> ScriptedModel:
    """Return the model of a script, which begins with its first answer. Raises ModelError.

    A .txt file is the answer to every request. A .toml file has `answers`, one for each request in turn, or `answer`;
    and `chat = false` for a base model, and `context_length`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        found: dict[str, Any] = tomllib.loads(text) if path.suffix == ".toml" else {"answer": text}
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"The script {path} can't be read ({error}).") from None
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"The script {path} is no TOML: {error}.") from None
    _check(path, found)
    return ScriptedModel(
        found.get("answers", found.get("answer", "")),
        is_chat=found.get("chat", True),
        context_length=found.get("context_length", CONTEXT_LENGTH),
        name=path.name,
    )


def _check(path: Path, found: dict[str, Any]) -> None:
    if unknown := sorted(found.keys() - _KEYS):
        raise ModelError(f"The script {path} has {unknown[0]}; it takes {', '.join(_KEYS)}.")
    for key, value in found.items():
        if type(value) is not _KEYS[key]:
            raise ModelError(f"The script {path} has another {key} than it takes; {_EXAMPLE}.")
    if len(found.keys() & {"answers", "answer"}) != 1 or not all(
        isinstance(one, str) for one in found.get("answers", ())
    ):
        raise ModelError(f"The script {path} has no answers: {_EXAMPLE}.")
