"""Writes a bundle from its parts, and opens what it wrote by the code with which a store will."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gptstore.sdk.bundle.archive_writer import Content, write_archive
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.checksums import digest_of, write_checksums
from gptstore.sdk.bundle.format import (
    CHANGELOG,
    CHECKSUMS,
    EXAMPLES,
    HEADER,
    MANIFEST,
    REQUIREMENTS,
    SBOM,
    SIGNATURE,
    WHEELS,
    Header,
)
from gptstore.sdk.bundle.sbom import write_sbom
from gptstore.sdk.bundle.signature import sign
from gptstore.sdk.bundle.signing_key import SigningKey
from gptstore.sdk.bundle.wheel import Wheel, read_wheel
from gptstore.sdk.manifest import Manifest


@dataclass(frozen=True)
class Parts:
    """What a bundle is made of. requirements: the file with the lock. adapter: its files, by their names in it.

    changelog: the file CHANGELOG.md, None for none.
    """

    header: Header
    manifest: Manifest
    requirements: Path
    wheels: list[Path]
    adapter: dict[str, Path] = field(default_factory=dict)
    changelog: Path | None = None


def write_bundle(path: Path, parts: Parts, key: SigningKey | None = None) -> None:
    """Write and verify a bundle, signed with the key if there is one. Raises BundleError when it breaks a rule."""
    manifest = parts.manifest.model_dump(mode="json")
    files: dict[str, Content] = {
        HEADER: as_json(parts.header.model_dump()),
        MANIFEST: as_json(manifest),
        REQUIREMENTS: parts.requirements,
        SBOM: write_sbom(parts.header.name, [*map(read_file, parts.wheels)]),
        **{f"{WHEELS}{wheel.name}": wheel for wheel in parts.wheels},
        **examples(manifest),
        **parts.adapter,
        **({CHANGELOG: parts.changelog} if parts.changelog else {}),
    }
    checksums = write_checksums(files)
    files[CHECKSUMS] = checksums
    if key is not None:
        files[SIGNATURE] = sign(checksums, key)
    write_archive(path, files)
    with Bundle.open(path):
        pass


def as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def examples(manifest: dict[str, Any]) -> dict[str, Content]:
    """Return a file for each tool that has examples: a list of titles and inputs."""
    return {
        f"{EXAMPLES}{tool['slug']}.json": as_json(tool["examples"]) for tool in manifest["tools"] if tool["examples"]
    }


def read_file(path: Path) -> Wheel:
    """Read a wheel that lies in a folder. Raises BundleError."""
    with path.open("rb") as file:
        return read_wheel(file, path.name, path.stat().st_size, digest_of(path))
