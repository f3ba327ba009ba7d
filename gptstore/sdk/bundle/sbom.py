"""`sbom.cdx.json`: what a bundle is made of, as a bill of materials in CycloneDX 1.6 (ECMA-424).

We write it ourselves: the few fields that we know need no library with a copy of all licences, and the library for it
stamps each document with a random number and the time. The tests hold ours to that library's schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import SBOM
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.package import normalize_name

SPEC = "1.6"


def write_sbom(plugin: str, wheels: Sequence[Wheel]) -> bytes:
    """Return the document: the plugin, and one component for each package, with the hash of each of its wheels."""
    packages: dict[str, list[Wheel]] = {}
    for wheel in sorted(wheels, key=lambda wheel: wheel.file_name):
        packages.setdefault(purl_of(wheel), []).append(wheel)
    root = next(purl for purl, found in packages.items() if found[0].name == plugin)
    document = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {"component": component(root, packages[root], "application")},
        "components": [component(purl, found) for purl, found in packages.items() if purl != root],
        "dependencies": [
            {"ref": purl, "dependsOn": sorted(dependencies(found, packages))} for purl, found in packages.items()
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def purl_of(wheel: Wheel) -> str:
    """Return the package's address as SBOMs write it (purl-spec): `pkg:pypi/regex@2026.1`."""
    return f"pkg:pypi/{wheel.name}@{quote(wheel.version, safe='.')}"


def component(purl: str, wheels: Sequence[Wheel], kind: str = "library") -> dict[str, Any]:
    first = wheels[0]
    described: dict[str, Any] = {"type": kind, "bom-ref": purl, "name": first.name, "version": first.version}
    if first.summary:
        described["description"] = first.summary
    if len(wheels) == 1:
        described["hashes"] = hashes(first)
    if first.licence:
        named = {"expression": first.licence} if first.is_licence_expression else {"license": {"name": first.licence}}
        described["licenses"] = [named]
    described["purl"] = purl
    if len(wheels) > 1:  # one for each platform
        described["components"] = [
            {
                "type": "file",
                "bom-ref": f"{purl}?file_name={quote(wheel.file_name)}",
                "name": wheel.file_name,
                "hashes": hashes(wheel),
            }
            for wheel in wheels
        ]
    return described


def hashes(wheel: Wheel) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": wheel.sha256}]


def dependencies(wheels: Sequence[Wheel], packages: dict[str, list[Wheel]]) -> set[str]:
    """Return the addresses of the packages in the bundle that this one requires."""
    names = {normalize_name(match[0]) for line in wheels[0].requires if (match := re.match(r"[\w.-]+", line))}
    return {purl for purl, found in packages.items() if found[0].name in names}


def read_licences(content: bytes) -> dict[str, str]:
    """Return the licence of each package, "" when it is unknown. Raises BundleError for another kind of document."""
    try:
        document = json.loads(content)
        if (document["bomFormat"], document["specVersion"]) != ("CycloneDX", SPEC):
            raise ValueError
        listed = [document["metadata"]["component"], *document["components"]]
        return {str(one["name"]): licence_in(one.get("licenses", [])) for one in listed}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BundleError(f"{SBOM} is no bill of materials in CycloneDX {SPEC}.") from None


def licence_in(licences: list[dict[str, Any]]) -> str:
    named = [one["expression"] if "expression" in one else one["license"]["name"] for one in licences]
    return ", ".join(map(str, named))
