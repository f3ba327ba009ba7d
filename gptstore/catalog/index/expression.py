"""What must be in the index of a tool that is found, in a form that each database has its own words for."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A token of the index. is_prefix: whether it is enough that one begins so."""

    token: str
    is_prefix: bool = False


@dataclass(frozen=True)
class Expression:
    """One term of each group must be there. without: what must not be: one that this narrows, or None."""

    groups: Sequence[Sequence[Term]]
    without: "Expression | None" = None
