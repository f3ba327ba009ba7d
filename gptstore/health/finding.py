"""What one check found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """`remedy` says what to do; a finding that is ok has none."""

    name: str
    level: Level
    said: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        return self.level == "ok"


def in_a_sentence(error: BaseException) -> str:
    """The first line of its message; hints may follow in later ones."""
    return str(error).strip().partition("\n")[0].rstrip(".") + "."


def ok(name: str, said: str) -> Finding:
    return Finding(name, "ok", said)


def warn(name: str, said: str, remedy: str) -> Finding:
    return Finding(name, "warn", said, remedy)


def fail(name: str, said: str, remedy: str) -> Finding:
    return Finding(name, "fail", said, remedy)
