"""Compares the spellings of a version: old wheels have one in their name, and indexes another (PEP 440)."""

from __future__ import annotations

import re

WORDS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc", "rev": "post", "r": "post"}


def canonical_version(version: str) -> str:
    """Return the version without leading zeros and needless separators: `2024.04.01-beta` is `2024.4.1b0`."""
    public, _, local = version.strip().lower().removeprefix("v").partition("+")
    text = re.sub(r"\d+", lambda digits: digits[0].lstrip("0") or "0", public)
    text = re.sub(r"[-_.]*([a-z]+)[-_.]*", lambda word: WORDS.get(word[1], word[1]), text)
    text = re.sub(r"([a-z])(?!\d|[a-z])", r"\g<1>0", text)
    text = re.sub(r"-(?=\d)", ".post", text)
    return re.sub(r"(?<=\d)(post|dev)", r".\1", text) + (f"+{re.sub('[-_]', '.', local)}" if local else "")
