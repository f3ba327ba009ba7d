"""The size of a file for people."""

from __future__ import annotations

_UNITS = ("KB", "MB", "GB", "TB")


def file_size(count: int) -> str:
    """Return a number of bytes as the store's pages write it in English: "1.2 KB", in steps of 1024."""
    if count < 1024:
        return f"{count}\xa0{'byte' if count == 1 else 'bytes'}"
    size = float(count)
    for unit in _UNITS:
        size /= 1024
        if size < 1024 or unit == _UNITS[-1]:
            break
    return f"{size:,.1f}\xa0{unit}"
