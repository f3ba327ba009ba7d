"""The size of a file for people."""

from __future__ import annotations

from gptstore.sdk.translation import ENGLISH, Translation

_UNITS = ("KB", "MB", "GB", "TB")


def file_size(count: int, words: Translation = ENGLISH) -> str:
    """Return a number of bytes as the store's pages write it: "1.2 KB", in steps of 1024."""
    if count < 1024:
        return (words.ngettext("%(size)d byte", "%(size)d bytes", count) % {"size": count}).replace(" ", "\xa0")
    size = float(count)
    for unit in _UNITS:
        size /= 1024
        if size < 1024 or unit == _UNITS[-1]:
            break
    return f"{size:,.1f}\xa0{unit}"
