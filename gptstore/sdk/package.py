"""The metadata of an installed package."""

from __future__ import annotations

import re
from email.utils import parseaddr
from importlib.metadata import Distribution
from typing import TypedDict

_HOMEPAGES = ("homepage", "home-page", "documentation", "repository", "source", "source code")
_MAX_AUTHOR = 200
_MAX_LICENSE = 100


class Package(TypedDict):
    """The author and the description of a package. Unknown values are ""."""

    name: str
    version: str
    summary: str
    author: str
    license: str
    homepage: str


def package_name(distribution: Distribution) -> str:
    """Return the name in the spelling that package indexes compare: `gptstore-code-writer`."""
    return normalize_name(distribution.name)


def normalize_name(name: str) -> str:
    """Return a package's name in the spelling that package indexes compare (PEP 503): `gptstore-code-writer`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_package(distribution: Distribution) -> Package:
    """Read the core metadata; both the older and the newer spelling of each field are understood."""
    fields = dict.fromkeys(("Summary", "License-Expression", "License", "Home-page"), "")
    for name in fields:
        fields[name] = _first(distribution, name)
    return {
        "name": package_name(distribution),
        "version": distribution.version,
        "summary": " ".join(fields["Summary"].split()),
        "author": _author(distribution)[:_MAX_AUTHOR],
        "license": _license(fields["License-Expression"] or fields["License"]),
        "homepage": _homepage(distribution, fields["Home-page"]),
    }


def _first(distribution: Distribution, name: str) -> str:
    value = str((distribution.metadata.get_all(name) or [""])[0]).strip()
    return "" if value.upper() == "UNKNOWN" else value


def _author(distribution: Distribution) -> str:
    for role in ("Author", "Maintainer"):
        name, address = _first(distribution, role), _first(distribution, f"{role}-email")
        if name:
            return name
        if address:
            display, mail = parseaddr(address)
            return display or mail
    return ""


def _license(text: str) -> str:
    """Return the first line, which names the licence: some packages put its whole text here."""
    lines = text.splitlines()
    return lines[0].strip()[:_MAX_LICENSE] if lines else ""


def _homepage(distribution: Distribution, home_page: str) -> str:
    links: dict[str, str] = {}
    for entry in distribution.metadata.get_all("Project-URL") or []:
        label, _, link = entry.partition(",")
        links[label.strip().lower()] = link.strip()
    for candidate in [*(links.get(label, "") for label in _HOMEPAGES), home_page]:
        if candidate.startswith(("https://", "http://")):
            return candidate
    return ""
