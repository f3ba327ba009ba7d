"""Something about a plugin that a store refuses: for `gptstore check`, and for the store itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One problem, for the author of the plugin.

    rule: which rule of `gptstore.sdk.intake.rules` is broken. message: what is wrong; mend: what to do about it.
    needs: requirements that exclude each other, as (versions, who asks); for packages only.
    file: where, by a path within the project; line: the line there, from 1. "" and 0 where there is no such place.
    """

    rule: str
    message: str
    mend: str = ""
    file: str = ""
    line: int = 0
    severity: Severity = "error"
    needs: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """Return message and mend, as a store gives them that shows no lines of files."""
        return "; ".join(filter(None, [self.message, self.mend]))

    @property
    def place(self) -> str:
        """Return the place as compilers write it: `tool.py:12`."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def at(self, file: str, line: int = 0) -> Problem:
        """Return the same problem at another place."""
        return replace(self, file=file, line=line)

    def __str__(self) -> str:
        rule = self.rule if self.severity == "error" else f"{self.rule} ({self.severity})"
        head = ": ".join(filter(None, [self.place, rule, self.message]))
        text = f"{head} → {self.mend}" if self.mend else head
        return " ".join(text.split())
