"""Checks that what the store requires is installed in the versions that it requires. Knows no Django, which is one.

pip replaces packages of the store when a plugin that is installed later asks for others. The check reads the metadata
of a dozen packages and imports none.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, entry_points, requires, version

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

OWN = ("gptstore", "gptstore-sdk")
ROLES = ("", "web", "worker")
BOUNDED = re.compile(r"[^;]*[<>=~!]")
CONSTRAINTS = "requirements/constraints.txt"


class WrongVersions(Exception):
    """Raised when a package is not installed as the store requires it. The message says what to run."""


@dataclass(frozen=True)
class Wrong:
    """A package that is installed in another version than the store requires."""

    required: Requirement
    installed: str

    @property
    def name(self) -> str:
        return canonicalize_name(self.required.name)

    @property
    def needed(self) -> str:
        return f"{self.required.name}{self.required.specifier}"


def check_versions() -> None:
    """Check the versions of what is installed. A package that is missing says so itself. Raises WrongVersions."""
    if not (wrong := find_wrong()):
        return
    said = "; ".join(f"{one.name} {one.installed} is installed, the store needs {one.needed}" for one in wrong)
    asking = [f"{who} asks for {what}" for one in wrong for who, what in find_asking(one.name)]
    because = f" ({'; '.join(asking)})" if asking else ""
    needed = " ".join(f"'{one.needed}'" for one in wrong)
    raise WrongVersions(
        f"{said}{because}. Run `{sys.executable} -m pip install {needed}`, and install plugins with "
        f"`-c {CONSTRAINTS}`, or as releases: see docs/operating.md, Installing a plugin."
    )


def find_wrong() -> list[Wrong]:
    wrong: dict[str, Wrong] = {}
    for line in sorted({line for owner in OWN for line in lines_of(owner) if BOUNDED.match(line)}):
        required = Requirement(line)
        if not applies(required):
            continue
        try:
            installed = version(required.name)
        except PackageNotFoundError:
            continue
        if not required.specifier.contains(installed, prereleases=True):
            one = Wrong(required, installed)
            wrong[one.needed] = one
    return [*wrong.values()]


def lines_of(owner: str) -> list[str]:
    """Return the requirements of a distribution; none where it runs from its sources alone."""
    try:
        return requires(owner) or []
    except PackageNotFoundError:
        return []


def applies(required: Requirement) -> bool:
    return required.marker is None or any(required.marker.evaluate({"extra": role}) for role in ROLES)


def find_asking(name: str) -> Iterator[tuple[str, str]]:
    """Find the plugins that require other versions of this package, as (plugin, requirement)."""
    plugins = {point.dist.name for point in entry_points(group="gptstore") if point.dist}
    for found in distributions():
        if found.name not in plugins:
            continue
        for line in found.requires or []:
            try:
                required = Requirement(line)
            except InvalidRequirement:
                continue
            if canonicalize_name(required.name) == name and required.specifier:
                yield found.name, f"{required.name}{required.specifier}"
