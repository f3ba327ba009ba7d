"""Reads from uv's words which requirements cannot be had together: who needs which version, and what can be done.

uv explains by a derivation of many steps. What people need of it are its premises: "jam depends on fruit>=2", "you
require fruit<2", "only fruit<=3.0 is available", "new requires Python >=3.14".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

PLUGIN = "the plugin itself"
AVAILABLE, PLATFORM, FLEET = "all that there is", "the platform", "the fleet"
GIVEN = (AVAILABLE, PLATFORM, FLEET, "gptstore-sdk")
"""What no author of a plugin changes."""

PYTHON = "Python"
SDK = "gptstore-sdk"
MAX_NEEDS = 8

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_WANTED = rf"({_NAME})(?:\[[^\]]*\])?((?:[<>=!~]{{1,3}}[^\s,<>=!~]+,?)*)"
_ASKER = rf"(?<!\S)(?:all versions of )?({_NAME})(?:\[[^\]]*\])?(?:[<>=!~][^\s]*)?"
_PREMISES = re.compile(r"[Bb]ecause (?:we know from \(\d+\) that .*?)?(.*?), we can conclude", re.DOTALL)
_DEPENDS = re.compile(rf"{_ASKER} depends? on {_WANTED}(?: and {_WANTED}(?=$| and ))?")
_REQUIRE = re.compile(r"you require (.+)")
_ONLY = re.compile(rf"only {_WANTED} is available")
_PYTHON = re.compile(rf"{_ASKER} (?:requires|depends on) Python ?([<>=!~][^\s]*)")
_HERE = re.compile(r"(?:current|requested|target) Python version \(([^)]+)\)")


@dataclass(frozen=True)
class Need:
    """A requirement. package: what is needed, in which versions: "" for any. asker: the package that needs it."""

    package: str
    versions: str
    asker: str


@dataclass(frozen=True)
class Conflict:
    """Requirements of one package that exclude each other. needs: all of them that were found. mend: what can be done.

    package: the one that they are about; "Python" for the interpreter.
    """

    package: str
    needs: tuple[Need, ...]
    mend: str

    @property
    def sentence(self) -> str:
        """Return who needs what, in one line."""
        said = ", ".join(f"{need.asker}: {need.versions or 'any'}" for need in self.needs)
        return f"no version of {self.package} suits all ({said})"

    def table(self) -> str:
        """Return the needs as lines of text, one each."""
        head = f"needs {self.package}"
        width = max(len(head), *(len(need.versions or "any") for need in self.needs))
        lines = [
            f"{head:{width}}  who asks",
            *(f"{need.versions or 'any':{width}}  {need.asker}" for need in self.needs),
        ]
        return "\n".join(f"  {line}" for line in lines)


def read_conflict(output: str, python: str = "") -> Conflict | None:
    """Return the conflict that uv tells of; None where it tells of something else.

    python: the version of Python that was asked for, such as "3.11".
    """
    needs = [*dict.fromkeys(_find_needs(" ".join(output.split()), python))]
    for package in dict.fromkeys(need.package for need in needs):
        its = [need for need in needs if need.package == package]
        if is_impossible(its):
            kept = tuple(its[:MAX_NEEDS])
            return Conflict(package, kept, find_mend(package, kept))
    return None


def _find_needs(text: str, python: str) -> Iterator[Need]:
    if here := _HERE.search(text):
        python = here[1]
    for premises in _PREMISES.findall(text):
        for asker, versions in _PYTHON.findall(premises):
            yield Need(PYTHON, versions, asker)
            if python:
                yield Need(PYTHON, f"=={python}", PLATFORM)
        for asker, package, versions, other, its in _DEPENDS.findall(premises):
            if package != PYTHON:
                yield Need(package, versions, asker)
            if other:
                yield Need(other, its, asker)
        for package, versions in _ONLY.findall(premises):
            yield Need(package, versions, FLEET if package == SDK else AVAILABLE)
        for required in _REQUIRE.findall(premises):
            for package, versions in re.findall(rf"(?:^|, | and |, and ){_WANTED}", required):
                yield Need(package, versions.rstrip(","), PLUGIN)


def is_impossible(needs: list[Need]) -> bool:
    """Return whether no version suits all of the needs, of which one alone is that only where it says so itself."""
    try:
        together = SpecifierSet(",".join(need.versions for need in needs if need.versions))
    except InvalidSpecifier:
        return False
    return len(needs) > 1 and together.is_unsatisfiable()


def find_mend(package: str, needs: tuple[Need, ...]) -> str:
    """Return what the plugin's author can do about it."""
    askers = [*dict.fromkeys(need.asker for need in needs)]
    others = [asker for asker in askers if asker not in (PLUGIN, *GIVEN)]
    named = " or ".join(others)
    if package == PYTHON:
        return f"choose another version of {named}, or build for platforms with a Python that suits"
    fixed = [need for need in needs if need.asker in GIVEN]
    if fixed:
        given = ",".join(dict.fromkeys(need.versions for need in fixed))
        who = f"choose another version of {named}" if others else "change it in pyproject.toml"
        return f"allow {package}{given}: {who}"
    if PLUGIN in askers:
        theirs = ",".join(dict.fromkeys(need.versions for need in needs if need.asker != PLUGIN))
        other = f", or choose another version of {named}" if others else ""
        return f"allow {package}{theirs} in pyproject.toml{other}" if theirs else f"ask for {package} once"
    return f"choose other versions of {named}: one of them has to allow what the others need"
