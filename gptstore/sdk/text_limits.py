"""How long the texts of a plugin's card may be: for `@tool`, the columns of the catalogue and `gptstore check`."""

from __future__ import annotations

import re

MAX_SLUG = 50
MAX_TITLE = 80
MAX_SUMMARY = 300
MAX_LANGUAGE = 40
MAX_VERSION = 64
MAX_PLUGIN = 200
MAX_KEY = 290
"""The length of a release's key: name, version, and 16 digits of a digest, with two signs between them."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_slug(text: str) -> bool:
    """Return whether it is lower-case letters, digits and single hyphens, and not too long for an address."""
    return len(text) <= MAX_SLUG and _SLUG.fullmatch(text) is not None
