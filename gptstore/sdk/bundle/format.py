"""The format of bundles: its version, the names of its parts, and how much there may be of everything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

FORMAT: Literal[1] = 1
SUFFIX = ".gptx"
HEADER = "bundle.json"
MANIFEST = "manifest.json"
REQUIREMENTS = "requirements.txt"
SBOM = "sbom.cdx.json"
CHECKSUMS = "checksums.txt"
SIGNATURE = "signature.json"
CHANGELOG = "CHANGELOG.md"
WHEELS = "wheels/"
EXAMPLES = "examples/"
ADAPTER = "adapter/"
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
REQUIRED = (HEADER, MANIFEST, REQUIREMENTS, SBOM, CHECKSUMS)
PART = re.compile(
    r"bundle\.json|manifest\.json|requirements\.txt|sbom\.cdx\.json|checksums\.txt|signature\.json"
    r"|CHANGELOG\.md"
    r"|wheels/[A-Za-z0-9_][A-Za-z0-9_.+!-]*\.whl|examples/[a-z0-9-]+\.json"
    r"|adapter/(adapter_config\.json|adapter_model\.safetensors)"
)
SOURCES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip", ".egg")
MAX_BYTES = 2_000_000_000
MAX_ENTRIES = 2_000
MAX_NAME = 200
MAX_TEXT_BYTES = 4_000_000
"""The length of an entry that is read as a whole: all but wheels and the weights of an adapter."""

MAX_CHANGELOG_BYTES = 200_000
MAX_WHEEL_ENTRIES = 50_000
MAX_UNPACKED_BYTES = 4_000_000_000
MAX_RATIO = 100
RATIO_FREE_BYTES = 10_000_000
"""Unpacked bytes of one wheel that may be compressed by any ratio: a file of zeros is no attack yet."""


class Header(BaseModel):
    """`bundle.json`. name: the plugin's, normalised. sdk: the version of `gptstore-sdk` that it ships."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = FORMAT
    name: str
    version: str
    platforms: list[str]
    sdk: str

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}{SUFFIX}"


@dataclass(frozen=True)
class ArchiveForm:
    """How much there may be in an archive of ours, and under which names. noun: the word for one in messages."""

    noun: str
    part: re.Pattern[str]
    max_bytes: int
    max_entries: int

    def fault_of(self, name: str) -> str:
        """Return why no entry of such an archive may have this name, "" when it may."""
        parts = name.split("/")
        if len(name) > MAX_NAME:
            return f"has more than {MAX_NAME} characters"
        if not name.isascii() or not name.isprintable():
            return "has characters beyond printable ASCII"
        if name.startswith("/") or "\\" in name or ":" in name:
            return "is an absolute path, or one of Windows"
        if ".." in parts or "." in parts:
            return "leads out of its folder"
        if name.endswith("/"):
            return f"is a folder; {self.noun} has files only"
        if name.endswith(SOURCES):
            return "is a source distribution; a bundle holds wheels only, since a store builds nothing"
        return "" if self.part.fullmatch(name) else f"is no part of {self.noun}"


BUNDLE = ArchiveForm("a bundle", PART, MAX_BYTES, MAX_ENTRIES)
