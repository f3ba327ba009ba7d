"""What a bundle says about itself. Its parts have to agree: header, manifest, lock, wheels, bill of materials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gptstore.sdk.bundle.adapter import check_config, check_weights
from gptstore.sdk.bundle.archive import Archive
from gptstore.sdk.bundle.changelog import read_changelog
from gptstore.sdk.bundle.errors import AdapterError, BundleError
from gptstore.sdk.bundle.format import (
    ADAPTER,
    ADAPTER_FILES,
    CHANGELOG,
    EXAMPLES,
    FORMAT,
    HEADER,
    MANIFEST,
    REQUIREMENTS,
    SBOM,
    Header,
)
from gptstore.sdk.bundle.pins import Pin, read_pins
from gptstore.sdk.bundle.sbom import read_licences
from gptstore.sdk.bundle.version import canonical_version
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.manifest import Manifest
from gptstore.sdk.package import normalize_name

Kind = TypeVar("Kind", bound=BaseModel)


@dataclass(frozen=True)
class Contents:
    """The parts of a bundle that describe it. licences: of each package, by name.

    changelog: the text of CHANGELOG.md; "" where the bundle has none, as older ones.
    """

    header: Header
    manifest: Manifest
    pins: list[Pin]
    licences: dict[str, str]
    changelog: str = ""


def read_contents(archive: Archive, wheels: Sequence[Wheel]) -> Contents:
    """Read the parts, and check that they agree. Raises BundleError."""
    check_format(archive.read(HEADER))
    header, manifest = parse(Header, archive, HEADER), parse(Manifest, archive, MANIFEST)
    if (normalize_name(manifest.name), canonical_version(manifest.version)) != (header.name, header.version):
        named = f"{manifest.name} {manifest.version}"
        raise BundleError(f"{MANIFEST} is of {named}, {HEADER} of {header.name} {header.version}.")
    pins = read_pins(archive.read_text(REQUIREMENTS))
    check_pins(header, pins, wheels)
    licences = read_licences(archive.read(SBOM))
    if unlisted := sorted({wheel.name for wheel in wheels} - {*licences}):
        raise BundleError(f"{SBOM} does not name {unlisted[0]}, which is in the bundle.")
    check_examples(archive, manifest)
    check_adapter(archive)
    changelog = read_changelog(archive.read(CHANGELOG)) if CHANGELOG in archive.entries else ""
    return Contents(header, manifest, pins, licences, changelog)


def check_format(content: bytes) -> None:
    """Say of a bundle of a later format that it is one, instead of what in it is unknown."""
    try:
        found = json.loads(content)["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BundleError(f"{HEADER} does not say which format the bundle has.") from None
    if found != FORMAT:
        raise BundleError(
            f"It has the format {found!r}; this gptstore reads format {FORMAT}. Update gptstore, or build it anew."
        )


def parse(kind: type[Kind], archive: Archive, name: str) -> Kind:
    try:
        return kind.model_validate_json(archive.read(name))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise BundleError(f"{name} cannot be read: {'.'.join(map(str, fault['loc']))}: {fault['msg']}.") from None


def check_pins(header: Header, pins: Sequence[Pin], wheels: Sequence[Wheel]) -> None:
    """Check that the lock names exactly these wheels, and the plugin among them."""
    shipped = {(wheel.name, wheel.version, wheel.sha256): wheel for wheel in wheels}
    locked = {(pin.name, canonical_version(pin.version), digest) for pin in pins for digest in pin.hashes}
    if unlocked := sorted(wheel.file_name for key, wheel in shipped.items() if key not in locked):
        raise BundleError(f"{REQUIREMENTS} does not name {unlocked[0]} with its hash.")
    if absent := sorted(locked - {*shipped}):
        raise BundleError(f"{REQUIREMENTS} names {absent[0][0]} {absent[0][1]} with a hash that no wheel in it has.")
    if (header.name, header.version) not in {(wheel.name, wheel.version) for wheel in wheels}:
        raise BundleError(f"It holds no wheel of {header.name} {header.version} itself.")


def check_examples(archive: Archive, manifest: Manifest) -> None:
    """Check that there are examples of its own tools only, and that they are JSON."""
    known = {f"{EXAMPLES}{tool.slug}.json" for tool in manifest.tools}
    for name in (name for name in archive.entries if name.startswith(EXAMPLES)):
        if name not in known:
            raise BundleError(f"{name} is of a tool that the plugin does not offer.")
        try:
            json.loads(archive.read(name))
        except (ValueError, RecursionError):
            raise BundleError(f"{name} is no JSON.") from None


def check_adapter(archive: Archive) -> None:
    config, weights = (f"{ADAPTER}{name}" for name in ADAPTER_FILES)
    there = [name for name in (config, weights) if name in archive.entries]
    if len(there) == 1:
        raise BundleError(f"Its adapter has {there[0]} only.")
    if there:
        try:
            check_config(archive.read(config))
            check_weights(archive.section(weights), archive.entries[weights].size)
        except AdapterError as error:
            raise BundleError(f"Its adapter: {error}") from None
