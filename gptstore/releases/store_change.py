from collections.abc import Callable
from dataclasses import dataclass

WHY = "store.toml"
"""What the audit log names as the reason."""


@dataclass(frozen=True)
class Change:
    """One change that a `store.toml` asks for. text: what it does, for people; it names no secret."""

    text: str
    make: Callable[[], object]
