"""Says on a terminal how far a command has come with a large file."""

import sys
from collections.abc import Callable

from gptstore.sdk.limits import MEGA

Progress = Callable[[str, int, int], None]
"""Takes what is done, such as "Verified", how many bytes of it, and how many there are."""

MIN_BYTES = 20 * MEGA
"""The size from which it takes long enough that somebody wonders."""


def silent(what: str, done: int, size: int) -> None:
    """Say nothing."""


def on_terminal(what: str, done: int, size: int) -> None:
    """Write it over the last line of the terminal; nothing where errors go to a file, or where little is to be done."""
    if sys.stderr.isatty() and size >= MIN_BYTES:
        end = "\n" if done >= size else ""
        sys.stderr.write(f"\r{what} {done / MEGA:,.0f} of {size / MEGA:,.0f} MB{end}")
        sys.stderr.flush()
