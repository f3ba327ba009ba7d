"""Reads why uv failed, and says it in one sentence, with the mend, where we know the reason. uv takes a paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from gptstore.sdk.wheels.conflict import Conflict, read_conflict

NAME = r"`?([A-Za-z0-9][A-Za-z0-9._-]*)`?(?:\[[^\]]*\])?(?:[<>=!~,][^\s,]*)*"
MAX_REASON = 500
NETWORK = re.compile(
    r"[Ff]ailed to fetch|error sending request|dns error|tcp connect|[Nn]etwork (?:was|is) disabled"
    r"|was not found in the cache"
)
STATUS = re.compile(r"HTTP status \w+ error \((\d+[^)]*)\)(?: for url \((?:[^)]*/)?([^)/]+)/?\))?")
OTHER_PLATFORM = re.compile(rf"{NAME} ha(?:s|ve) no (?:(?:\w+ )*wheels with a matching|[\w.]+-compatible wheels)")
NO_WHEEL = re.compile(rf"{NAME} ha(?:s|ve) no (?:usable )?wheels|Building source distributions for {NAME} is disabled")
UNKNOWN = re.compile(rf"{NAME} was not found in (?:the package registry|the provided package locations)")


class Reason(Enum):
    """What uv could not do."""

    STATUS = auto()
    NETWORK = auto()
    OTHER_PLATFORM = auto()
    NO_WHEEL = auto()
    UNKNOWN = auto()
    CONFLICT = auto()
    OTHER = auto()


PATTERNS = {
    Reason.STATUS: STATUS,
    Reason.NETWORK: NETWORK,
    Reason.OTHER_PLATFORM: OTHER_PLATFORM,
    Reason.NO_WHEEL: NO_WHEEL,
    Reason.UNKNOWN: UNKNOWN,
}
"""What uv says in each case. The first that is found counts: a package may seem unknown because of the network."""


@dataclass(frozen=True)
class Failure:
    """Why uv failed. package: the one that it is about, if any. detail: uv's own words, on one line.

    conflict: the requirements that exclude each other, for Reason.CONFLICT.
    """

    reason: Reason
    package: str
    detail: str
    conflict: Conflict | None = None


def read_failure(output: str, python: str = "") -> Failure:
    """Return why uv failed. output: what it said. python: the version that it was asked for, such as "3.11"."""
    text = " ".join(output.replace("cause: ", "").split())
    detail = re.sub(r"^error: (No solution found when resolving dependencies:? ?)?", "", text).partition(" hint: ")[0]
    for reason, pattern in PATTERNS.items():
        if found := pattern.search(text):
            names = found.groups()[1:] if reason is Reason.STATUS else found.groups()
            return Failure(reason, next(filter(None, names), ""), text)
    if conflict := read_conflict(text, python):
        return Failure(Reason.CONFLICT, conflict.package, detail, conflict)
    return Failure(Reason.OTHER, "", detail)


def explain(output: str, platform: str, python: str = "") -> str:
    """Return the sentence for what uv said when it resolved dependencies for a platform, with a table of a conflict."""
    failure = read_failure(output, python)
    if failure.conflict:
        head = f"The dependencies cannot be had together for {platform}: no version of {failure.package} suits all."
        mend = failure.conflict.mend
        return f"{head}\n{failure.conflict.table()}\n{mend[0].upper()}{mend[1:]}."
    name = failure.package
    match failure.reason:
        case Reason.STATUS:
            status = STATUS.search(failure.detail)
            assert status is not None
            return f"The package index answers {status[1]} for {name or 'a package'}. Try again later."
        case Reason.NETWORK:
            host = re.search(r"https?://(?:[^/\s@]*@)?([^/\s`]+)", failure.detail)
            place = f" ({host[1]})" if host else ""
            mend = "Build again with a network; what a lock names is kept then."
            return f"The package index{place} does not answer. {mend}"
        case Reason.OTHER_PLATFORM:
            return f"{name} has no wheel for {platform}. Choose another version or package, or leave the platform out."
        case Reason.NO_WHEEL:
            mend = "Choose a package that has wheels."
            return f"{name} has no wheels, only its source, and a store compiles nothing. {mend}"
        case Reason.UNKNOWN:
            return f"No index has a package {name}. Is the name right? --find-links FOLDER adds wheels of your own."
    return f"The dependencies cannot be locked for {platform}: {failure.detail[:MAX_REASON]}"
