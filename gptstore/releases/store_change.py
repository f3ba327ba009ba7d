"""One change on the way to what a `store.toml` says, and who makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gptstore.accounts.models import User
from gptstore.audit.record import record

WHY = "store.toml"
"""What the audit log names as the reason."""


@dataclass(frozen=True)
class Change:
    """One change. text: what it does, for people; it names no secret."""

    text: str
    make: Callable[[], object]


@dataclass(frozen=True)
class Cause:
    """Who makes the changes, None for whoever may run commands, and why: for the history and the audit log.

    makes_missing: whether categories and groups that are named and not there are made, or else refused.
    """

    by: User | None = None
    why: str = WHY
    makes_missing: bool = False

    def record(self, action: str, target: str, **details: Any) -> None:
        record(self.by, action, target, **details, why=self.why)
