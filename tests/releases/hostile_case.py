"""A hostile bundle: what it tries, how it is made, and what it is refused for."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gptstore.sdk.bundle.format import Header
from gptstore.sdk.bundle.version import canonical_version
from gptstore.sdk.bundle.writer import Parts, write_bundle
from tests.authors.bundle_parts import MANIFEST, pin_of
from tests.worker.hosts.releases.wheels import make, write

SEED = 20261130
Write = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """One bundle. kind: the class of its trick. write: writes it into a folder. sentence: found in the refusal."""

    kind: str
    name: str
    write: Write
    sentence: str


def generator(kind: str) -> random.Random:
    """Return the random numbers of a class of tricks: the same in each run."""
    return random.Random(f"{SEED} {kind}")


def file_with(content: bytes) -> Write:
    def write_file(folder: Path) -> Path:
        path = folder / "acme-tool-1.2.0.gptx"
        path.write_bytes(content)
        return path

    return write_file


PYTHON = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class Plan:
    """A bundle whose archive is in order. files, other: what the wheels of the plugin and of its dependency hold.

    raw: the plugin's wheel instead of one that is made here, by its file name.
    """

    name: str = "acme-tool"
    version: str = "1.2.0"
    files: Mapping[str, bytes] = field(default_factory=dict)
    other: Mapping[str, bytes] = field(default_factory=dict)
    requires: Sequence[str] = ("fruit>=1", "gptstore-sdk")
    entry_points: str = "[gptstore]\ntool = acme_tool\n"
    plugin: Mapping[str, object] = field(default_factory=dict)
    tool: Mapping[str, object] = field(default_factory=dict)
    header: Mapping[str, object] = field(default_factory=dict)
    tag: str = "py3-none-any"
    other_tag: str = "py3-none-any"
    other_version: str = "1.5"
    marker: str = ""
    is_there: bool = True

    def write(self, folder: Path) -> Path:
        parts = folder / "parts"
        parts.mkdir()
        wheels = [self.plugin_wheel(parts), make(parts, "gptstore-sdk", "0.1.0", {"gptstore/sdk/__init__.py": ""})]
        wheels += [self.dependency(parts)] if self.is_there else []
        requirements = parts / "requirements.txt"
        pins = "".join(pin_of(wheel) for wheel in wheels)
        requirements.write_text(
            pins.replace(f"fruit=={self.other_version}", f"fruit=={self.other_version}{self.marker}")
        )
        fields = {
            "name": self.name,
            "version": canonical_version(self.version),
            "platforms": ["linux-x86_64-cp311"],
            "sdk": "0.1.0",
        }
        header = Header.model_validate({**fields, **self.header})
        tool = MANIFEST.tools[0].model_copy(update=dict(self.tool))
        own = {"name": self.name, "version": self.version, "tools": [tool], **self.plugin}
        path = folder / "bundle.gptx"
        write_bundle(path, Parts(header, MANIFEST.model_copy(update=own), requirements, wheels))
        for left in [*parts.iterdir()]:
            left.unlink()
        parts.rmdir()
        return path

    def plugin_wheel(self, folder: Path) -> Path:
        info = f"{self.name.replace('-', '_')}-{self.version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n"
        metadata += "".join(f"Requires-Dist: {line}\n" for line in self.requires)
        files = {
            "acme_tool.py": b"WORD = 'a'",
            f"{info}/METADATA": metadata.encode(),
            f"{info}/WHEEL": PYTHON.replace("py3-none-any", self.tag).encode(),
            f"{info}/entry_points.txt": self.entry_points.encode(),
        }
        return write(folder, self.name, self.version, self.tag, {**files, **self.files})

    def dependency(self, folder: Path) -> Path:
        info = f"fruit-{self.other_version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: fruit\nVersion: {self.other_version}\n"
        files = {
            "fruit.py": b"",
            f"{info}/METADATA": metadata.encode(),
            f"{info}/WHEEL": PYTHON.replace("py3-none-any", self.other_tag).encode(),
        }
        return write(folder, "fruit", self.other_version, self.other_tag, {**files, **self.other})
