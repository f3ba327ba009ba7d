"""Reads the text of a Word file (.docx): a zip with one large XML file, of which only texts and line ends matter.

expat reads it as a stream, so no tree is built, however deep it is; a document type, with which entities begin that
grow, is refused.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO
from xml.parsers import expat

from gptstore.sdk.document_bounds import Deadline, check_length, check_unpacked
from gptstore.sdk.errors import DocumentError

_PART = "word/document.xml"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_CHUNK = 65_536
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n"}


def read_docx(data: bytes, deadline: Deadline) -> str:
    """Return the paragraphs, one a line, with those of tables. Raises DocumentError."""
    if data.startswith(_OLD_OFFICE):
        raise DocumentError("This Word file has a password, or is of the old kind (.doc). Save it as .docx.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_PART) as part:
            return _read(part, deadline)
    except DocumentError:
        raise
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, expat.ExpatError, ValueError, OSError):
        raise DocumentError("This is not a Word file (.docx), or a damaged one.") from None
    except (RuntimeError, NotImplementedError):
        raise DocumentError("This Word file has a password. Save it without one.") from None


def _read(part: IO[bytes], deadline: Deadline) -> str:
    text = _Text()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = text.start
    parser.EndElementHandler = text.end
    parser.CharacterDataHandler = text.add
    parser.StartDoctypeDeclHandler = _refuse_doctype
    size = 0
    while chunk := part.read(_CHUNK):
        deadline.check()
        size += len(chunk)
        check_unpacked(size)
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return "".join(text.parts).strip("\n")


def _refuse_doctype(*_names: object) -> None:
    raise DocumentError("This is not a Word file (.docx), or a damaged one.")


class _Text:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.is_text = False
        self.length = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = _word_tag(name)
        self.is_text = tag == "t"
        if tag in _BREAKS:
            self.parts.append(_BREAKS[tag])

    def end(self, name: str) -> None:
        self.is_text = False
        if _word_tag(name) == "p":
            self.parts.append("\n")

    def add(self, data: str) -> None:
        if self.is_text:
            self.length += len(data)
            check_length(self.length)
            self.parts.append(data)


def _word_tag(name: str) -> str:
    namespace, _, tag = name.rpartition(" ")
    return tag if namespace in (_WORD, _STRICT) else ""
