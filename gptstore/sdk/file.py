"""A file, which a tool takes or gives: its name, its bytes and its media type."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from pathlib import PurePosixPath
from typing import Any, ClassVar, Self

MAX_NAME = 255
BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

UNKNOWN_TYPE = "application/octet-stream"
MEDIA_TYPES = {
    ".css": "text/css",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ics": "text/calendar",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".mp3": "audio/mpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".srt": "application/x-subrip",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".vcf": "text/vcard",
    ".wav": "audio/wav",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zip": "application/zip",
}
"""The media types by suffix. The system's own list is another one on each machine."""

NO_FILE, WRONG_KIND = "file", "fileType"
"""The rules that a file can break, as codes of errors."""


class File:
    """A file. A tool with `output="file"` returns one: `File("report.csv", "a,b\\n1,2\\n")`.

    name: its name, without a folder. data: what is in it; a text becomes UTF-8.
    media_type: such as "text/csv"; made from the name when left out.
    """

    kind: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    text_name: ClassVar[str]
    """The name of a text that came without a file."""

    def __init__(self, name: str, data: bytes | str, media_type: str | None = None) -> None:
        self.name = name
        self.data = data.encode("utf-8", "replace") if isinstance(data, str) else data
        self.media_type = media_type_of(name) if media_type is None else media_type

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {len(self.data)} bytes)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, File) and (self.name, self.data) == (other.name, other.data)

    def __hash__(self) -> int:
        return hash((self.name, self.data))

    @property
    def suffix(self) -> str:
        """Return the end of the name in lower case, such as ".pdf"; "" for a name without one."""
        return suffix_of(self.name)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read a value that has no problem: an object with a name and data, or a text."""
        if isinstance(value, str):
            return cls(cls.text_name, value.encode())
        return cls(value["name"], b64decode(value["data"]))

    def to_json(self) -> dict[str, str]:
        """Return it as the API takes it: its name, and its data in Base64."""
        return {"name": self.name, "data": b64encode(self.data).decode()}


def suffix_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def media_type_of(name: str) -> str:
    """Return the media type of files with such a name, "application/octet-stream" where that is not known."""
    return MEDIA_TYPES.get(suffix_of(str(name)), UNKNOWN_TYPE)


def file_problem(value: Any, suffixes: tuple[str, ...]) -> str:
    """Return the rule that a JSON value breaks as a file, "" for none. The site and the tool's own check ask here."""
    if isinstance(value, str):
        return ""
    if not isinstance(value, dict) or value.keys() != {"name", "data"}:
        return NO_FILE
    name, data = value["name"], value["data"]
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME or not isinstance(data, str):
        return NO_FILE
    try:
        binascii.a2b_base64(data.encode("ascii"), strict_mode=True)
    except ValueError:
        return NO_FILE
    return WRONG_KIND if suffix_of(name) not in ("", *suffixes) else ""
