"""A small bundle and its parts, for tests that change one thing in it."""

import json
import struct
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from gptstore.sdk.bundle.archive_writer import write_archive
from gptstore.sdk.bundle.checksums import write_checksums
from gptstore.sdk.bundle.format import CHECKSUMS, Header
from gptstore.sdk.bundle.signing_key import SigningKey
from gptstore.sdk.bundle.writer import Parts, write_bundle
from gptstore.sdk.manifest import Manifest
from tests.worker.hosts.releases.wheels import make

Change = Callable[[dict[str, bytes]], None]

MANIFEST = Manifest.model_validate(
    {
        "name": "acme-tool",
        "version": "1.2.0",
        "summary": "Says a word.",
        "license": "MIT",
        "tools": [
            {
                "slug": "say",
                "title": "Say",
                "summary": "Say a word.",
                "description": "",
                "category": "writing",
                "tags": [],
                "output": "text",
                "language": None,
                "language_input": None,
                "input_schema": {"type": "object", "properties": {"word": {"type": "string"}}},
                "examples": [{"title": "A word", "input": {"word": "hé"}}],
            }
        ],
    }
)


def write_small_bundle(
    folder: Path,
    key: SigningKey | None = None,
    adapter: dict[str, Path] | None = None,
    version: str = "1.2.0",
    code: str = "WORD = 'hé'",
    changelog: str = "",
) -> Path:
    """Write a bundle with a plugin, the SDK and one dependency, all of which are a few bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    wheels = [
        make(folder, "acme-tool", version, {"acme_tool.py": code}, ["fruit>=1", "gptstore-sdk"], "acme_tool"),
        make(folder, "fruit", "1.5", {"fruit.py": ""}),
        make(folder, "gptstore-sdk", "0.1.0", {"gptstore/sdk/__init__.py": ""}),
    ]
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(pin_of(wheel) for wheel in wheels))
    header = Header(name="acme-tool", version=version, platforms=["linux-x86_64-cp311"], sdk="0.1.0")
    path = folder / header.file_name
    manifest = MANIFEST.model_copy(update={"version": version})
    news = folder / "CHANGELOG.md"
    news.write_text(changelog, encoding="utf-8")
    parts = Parts(header, manifest, requirements, wheels, adapter or {}, news if changelog else None)
    write_bundle(path, parts, key)
    return path


def pin_of(wheel: Path) -> str:
    name, version, *_ = wheel.name.split("-")
    return f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n"


def files_of(bundle: Path) -> dict[str, bytes]:
    with ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_changed(bundle: Path, target: Path, change: Change) -> Path:
    """Write the bundle with other files, whose checksums are right."""
    files = files_of(bundle)
    change(files)
    if CHECKSUMS in files:
        files[CHECKSUMS] = write_checksums(files)
    write_archive(target, files)
    return target


def replace_wheel(files: dict[str, bytes], name: str, content: bytes) -> None:
    """Put other content into a wheel, and its hash into the lock."""
    old = sha256(files[name]).hexdigest().encode()
    files["requirements.txt"] = files["requirements.txt"].replace(old, sha256(content).hexdigest().encode())
    files[name] = content


def safetensors(tensors: Mapping[str, int]) -> bytes:
    """Return a file in the format of safetensors: tensors of so many float32 zeros."""
    header, position = {}, 0
    for name, number in tensors.items():
        header[name] = {"dtype": "F32", "shape": [number], "data_offsets": [position, position + 4 * number]}
        position += 4 * number
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(position)
