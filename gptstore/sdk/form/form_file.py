"""A file that a form stands for when nobody chooses another: of an example, a draft or an earlier run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gptstore.sdk.file import MAX_NAME


@dataclass(frozen=True)
class Kept:
    """A file that the page names and does not hold."""

    source: str


def kept_name(name: str) -> str:
    """Return the name of the control that says where a file comes from."""
    return f"{name}-kept"


def shown_file(value: Any, source: str, text_name: str, write_size: Callable[[int], str]) -> dict[str, str] | None:
    """Return the name and the size of a file for its control, and where it comes from; None for none."""
    if value is None or not source:
        return None
    name = value.get("name", "") if isinstance(value, dict) else text_name
    return {"source": source, "label": f"{name} ({write_size(size_of(value))})"}


def size_of(value: Any) -> int:
    """Return the bytes of a file, as JSON has it: an object with Base64, or a text."""
    if isinstance(value, str):
        return len(value.encode(errors="replace"))
    data = value.get("data") if isinstance(value, dict) else None
    return len(data) * 3 // 4 - data[-2:].count("=") if isinstance(data, str) else 0


def file_value(name: object, data: bytes) -> dict[str, str]:
    """Return a file that was chosen as JSON has it."""
    return {"name": str(name)[-MAX_NAME:], "data": b64encode(data).decode()}
