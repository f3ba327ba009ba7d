"""The stored form of a file that a tool gives: one JSON object, with the data in Base64 and last.

    {"name":"report.csv","type":"text/csv","size":8,"data":"YSxiCjEsMgo="}

So the beginning of the text tells what is coming. Whoever reads it trusts nothing: filters of a store may have changed
it, and a plugin may write to its host without the SDK.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gptstore.sdk.control_characters import has_control
from gptstore.sdk.errors import ToolOutputError
from gptstore.sdk.file import UNKNOWN_TYPE, File

MAX_NAME_LENGTH = 150
MAX_HEAD = 600
"""Characters before the data at most."""

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,90}")
_RESERVED = {*'/\\:*?"<>|'}
_PIECE = 48_000
"""Bytes of a piece, a multiple of three so that pieces of Base64 can be joined."""

DATA = ',"data":"'
"""What stands between the head and the data."""

"""What stands between the head and the data."""


@dataclass(frozen=True)
class FileHead:
    """What is known of a file from the beginning of its stored form. size: in bytes."""

    name: str
    media_type: str
    size: int


def name_problem(name: object) -> str:
    """Return what is wrong with the name of a file that somebody is to save, "" for nothing."""
    if not isinstance(name, str) or not name.strip(" ."):
        return "it needs a name"
    if len(name) > MAX_NAME_LENGTH:
        return f"its name has {len(name)} characters, at most {MAX_NAME_LENGTH} fit"
    if wrong := [sign for sign in name if sign in _RESERVED]:
        return f"its name has {wrong[0]!r} in it, which stands for folders or has a meaning to systems"
    if has_control(name):
        return "its name has a control character in it"
    if name[0] in ".-~ " or name[-1] in ". ":
        return f"its name begins or ends with {(name[0] if name[0] in '.-~ ' else name[-1])!r}"
    return ""


def write_file(slug: str, file: Any, max_bytes: int | None) -> Iterator[str]:
    """Yield the stored form in pieces. max_bytes: the tool's own limit on its output.

    Raises ToolOutputError for what is no file that people can be given.
    """
    if not isinstance(file, File):
        kind = "None" if file is None else f"a value of type {type(file).__qualname__}"
        raise ToolOutputError(f'tool {slug} returned {kind}; return File("report.csv", data)')
    if problem := name_problem(file.name):
        raise ToolOutputError(f"tool {slug} returned the file {file.name!r}: {problem}")
    data: object = file.data
    if not isinstance(data, bytes):
        kind = type(data).__qualname__
        raise ToolOutputError(
            f"tool {slug} returned the file {file.name!r} whose data is of type {kind}; give str or bytes"
        )
    if not isinstance(file.media_type, str) or not _MEDIA_TYPE.fullmatch(file.media_type):
        raise ToolOutputError(
            f"tool {slug} returned the file {file.name!r} with the media type {file.media_type!r}; "
            'give one such as "text/csv", without parameters'
        )
    described = {"name": file.name, "type": file.media_type, "size": len(data)}
    head = json.dumps(described, ensure_ascii=False, separators=(",", ":"))[:-1] + DATA
    stored = len(head.encode()) + 4 * -(-len(data) // 3) + 2
    if max_bytes is not None and stored > max_bytes:
        raise ToolOutputError(
            f"tool {slug} returned the file {file.name!r} of {len(data):,} bytes, which are {stored:,} as text; "
            f"its max_output_bytes is {max_bytes:,}"
        )
    yield head
    for start in range(0, len(data), _PIECE):
        yield b64encode(data[start : start + _PIECE]).decode()
    yield '"}'


def read_head(text: str) -> FileHead | None:
    """Return what the beginning of a stored file tells; None where it is none."""
    beginning, found, _ = text[:MAX_HEAD].partition(DATA)
    if not found:
        return None
    try:
        described = json.loads(beginning + "}")
        name, media_type, size = described["name"], described["type"], described["size"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if name_problem(name) or type(size) is not int:
        return None
    is_known = isinstance(media_type, str) and _MEDIA_TYPE.fullmatch(media_type)
    return FileHead(name, media_type if is_known else UNKNOWN_TYPE, size)


def read_file(text: str) -> File | None:
    """Return a file that was stored; None where it is not whole or not unharmed."""
    head = read_head(text)
    if head is None or not text.endswith('"}'):
        return None
    encoded = text[text.index(DATA) + len(DATA) : -2]
    try:
        data = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return File(head.name, data, head.media_type) if len(data) == head.size else None
