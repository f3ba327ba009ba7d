"""Reads what a plugin's CHANGELOG.md says of a version: the part below a heading that names it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import CHANGELOG, MAX_CHANGELOG_BYTES
from gptstore.sdk.bundle.version import canonical_version

MAX_ENTRY = 20_000
"""Characters of one version's part that are kept."""

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_VERSION = re.compile(r"[ \t]*\[?v?(\d[0-9A-Za-z.+!_-]*)(?:\]|[\s:,(–—]|$)")


def read_changelog(content: bytes) -> str:
    """Return the text of the file. Raises BundleError for one that is too long or no text."""
    if len(content) > MAX_CHANGELOG_BYTES:
        raise BundleError(f"{CHANGELOG} has {len(content):,} bytes; it may have {MAX_CHANGELOG_BYTES:,}.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BundleError(f"{CHANGELOG} is no text in UTF-8.") from None
    if "\0" in text:
        raise BundleError(f"{CHANGELOG} has a NUL character.")
    return text.replace("\r\n", "\n")


def find_entry(text: str, version: str) -> str:
    """Return the part of this version, without its heading; "" where the file has none.

    It ends at the next heading of the same level, or of a higher one.
    """
    wanted, level, part = canonical_version(version), 0, list[str]()
    for line, heading in _with_headings(text):
        if level and heading and len(heading[1]) <= level:
            break
        if level:
            part.append(line)
        elif heading and (named := _VERSION.match(heading[2])) and canonical_version(named[1]) == wanted:
            level = len(heading[1])
    return "\n".join(part).strip()[:MAX_ENTRY]


def _with_headings(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Yield each line, with its heading if it is one. Those within fences of code are none."""
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        yield line, None if fence or mark else _HEADING.fullmatch(line)
