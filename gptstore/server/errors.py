"""Names why a request is refused before it has arrived whole: its body is too large, or takes too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY = "gptstore.rejection"
"""The key of the ASGI scope under which Django's middleware finds the rejection."""


@dataclass(frozen=True)
class Rejection:
    """One rejection. status: 413 or 408. limit: the most bytes that a body can have here."""

    status: int
    limit: int

    @property
    def detail(self) -> str:
        """Return the reason for programs, in English."""
        if self.status == 413:
            return f"A body can have up to {self.limit} bytes here."
        return "The body did not arrive in time. Send it again, without pauses."


def rejection_of(request: object) -> Rejection | None:
    """Return why Django has to refuse this request, None for one that came whole and for one without ASGI."""
    scope: Mapping[str, Any] = getattr(request, "scope", {})
    return scope.get(KEY)
