"""Finds what an SVG may not have that people are shown: all but a list of elements, and what leads elsewhere."""

from __future__ import annotations

import re
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset(
    [
        *("svg", "g", "defs", "symbol", "use", "title", "desc", "path", "rect", "circle", "ellipse", "line"),
        *("polyline", "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask"),
        "pattern",
    ]
)
_ENCODING = re.compile(r"""^<\?xml[^>]*encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_ELSEWHERE = re.compile(r"url\s*\(\s*(?![\"']?\s*#)|@import|javascript:|data:|\\", re.IGNORECASE)
_MAX_DEPTH = 32


class _UnsafeError(Exception):
    """Raised for the first thing that an icon may not have."""


def find_problem(data: bytes) -> str:
    """Return what the SVG may not have, as the rest of a sentence that begins with its name; or ""."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "is not UTF-8"
    if _ENCODING.match(text.lstrip()):
        return "is not UTF-8"
    try:
        _Reader().read(text)
    except _UnsafeError as error:
        return str(error)
    except (expat.ExpatError, ValueError) as error:
        return f"is no SVG ({error})"
    return ""


class _Reader:
    """Reads elements as they come. What is not on the list is an error, so that new elements of SVG are no holes."""

    def __init__(self) -> None:
        self._depth = 0
        self._parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.ProcessingInstructionHandler = self._refuse_instruction

    def read(self, text: str) -> None:
        self._parser.Parse(text.encode(), True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, element = name.rpartition(" ")
        if self._depth == 0 and (space, element) != (_SVG, "svg"):
            raise _UnsafeError(f'is no SVG: it has to begin with <svg xmlns="{_SVG}">')
        if space != _SVG or element not in _ELEMENTS:
            raise _UnsafeError(f"has the element <{element}>")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _UnsafeError("has too many elements within each other")
        for key, value in attributes.items():
            self._check_attribute(key.rpartition(" ")[2], value)

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _check_attribute(self, name: str, value: str) -> None:
        if name.lower().startswith("on"):
            raise _UnsafeError(f"has the event attribute {name}=")
        if name.lower() in ("href", "src", "base"):
            if not value.strip().startswith("#"):
                raise _UnsafeError(f"leads elsewhere, by {name}=")
        elif _ELSEWHERE.search(value):
            raise _UnsafeError(f"leads elsewhere, by {name}=")

    def _refuse_doctype(self, *declared: object) -> None:
        raise _UnsafeError("has a DOCTYPE")

    def _refuse_instruction(self, target: str, data: str) -> None:
        raise _UnsafeError(f"has the instruction <?{target}?>")
