"""Decodes the bytes of a text: UTF-8, what a byte order mark says, or what charset-normalizer finds likely."""

from __future__ import annotations

import codecs

from gptstore.sdk.errors import DocumentError

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE = 200_000
"""Bytes that the encoding is guessed from."""


def decode(data: bytes) -> str:
    """Return the text, with plain line ends. Raises DocumentError for bytes that are no text."""
    marked = next((encoding for mark, encoding in _MARKS.items() if data.startswith(mark)), None)
    if marked is None and b"\0" in data:
        raise DocumentError("This file is not a text. Send a text, Markdown, HTML, PDF or Word (.docx) file.")
    return _decode(data, marked or "utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode(_guess(data), errors="replace")


def _guess(data: bytes) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return "cp1252"
    best = from_bytes(data[:_SAMPLE]).best()
    return best.encoding if best is not None else "cp1252"
