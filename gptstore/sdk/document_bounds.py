"""Bounds what the reading of one document may take, so that a hostile one costs its own job only, and says why."""

from __future__ import annotations

import time

from gptstore.sdk.errors import DocumentError

MAX_PAGES = 2_000
MAX_CHARACTERS = 5_000_000
MAX_UNPACKED_BYTES = 50_000_000
MAX_SECONDS = 60.0


class Deadline:
    """The time by which a document has to be read. A run's own limit of time holds beside it."""

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self.at = time.monotonic() + seconds

    def check(self) -> None:
        if time.monotonic() > self.at:
            raise DocumentError("Reading the document takes too long. Send a shorter one.")


def check_pages(count: int) -> None:
    if count > MAX_PAGES:
        raise DocumentError(f"The document has {count:,} pages; at most {MAX_PAGES:,} are read. Send a part of it.")


def check_length(characters: int) -> None:
    if characters > MAX_CHARACTERS:
        raise DocumentError(f"The document has more than {MAX_CHARACTERS:,} characters. Send a part of it.")


def check_unpacked(size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        raise DocumentError("The document is far larger when unpacked than a text is. Send another one.")
