"""Define the results that a filter may return for a text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Allow:
    """Pass the text on, except for its last `hold` characters, which come again before the next piece.

    hold: 0 to 4,096; above 0 only for output that has not ended.
    """

    hold: int = 0


@dataclass(frozen=True)
class Change:
    """Replace the text by `text`, except for its last `hold` characters, which come again as with `Allow`."""

    text: str
    hold: int = 0


@dataclass(frozen=True)
class Refuse:
    """Fail the job with the code `refused`. reason: shown to the user whose run it was."""

    reason: str


Answer = Allow | Change | Refuse | None
"""None is the same as `Allow()`."""
