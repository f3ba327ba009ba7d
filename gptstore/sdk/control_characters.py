"""The characters that are no text: those that control a device, and those that turn the direction of what follows."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def has_control(text: str) -> bool:
    """Return whether a name with this text could look like another one, or do more than be read."""
    return _CONTROL.search(text) is not None
