"""What a screen may say about a text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Allow:
    """The text goes on as it is, but for its last `hold` characters, which come again before the next ones.

    hold: of an output that goes on, and of nothing else; 0 to 4,096.
    """

    hold: int = 0


@dataclass(frozen=True)
class Change:
    """`text` goes on instead, in place of all but the last `hold` characters, which come again as with `Allow`."""

    text: str
    hold: int = 0


@dataclass(frozen=True)
class Refuse:
    """The job fails with the code `refused`. `reason`: for the person whose run it was."""

    reason: str


Answer = Allow | Change | Refuse | None
"""None is the same as `Allow()`."""
