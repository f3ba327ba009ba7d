"""The format of exports: `NAME-VERSION.gptrelease` with one release, `NAME.gptstore` with those of a store.

    export.json               what it is, of when, made by whom
    store.toml                of a store: which releases are live, and what admins chose for tools
    releases/SHA256.gptx      a bundle, as it was submitted
    releases/SHA256.json      what its store decided about it, with that store's signature of the release
    checksums.txt             the SHA-256 of every other entry
    signature.json            the store's signature of checksums.txt: so of everything

It is an archive in the one form of `gptstore.sdk.bundle.entry`, so that nobody can read two things in one file. The
name of the file says nothing: who it is from and what is in it stands inside, below the signature.
"""

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gptstore.releases.store_file import NAME
from gptstore.sdk.bundle.format import CHECKSUMS, SIGNATURE, ArchiveForm
from gptstore.sdk.text_limits import MAX_PLUGIN, MAX_VERSION

FORMAT: Literal[1] = 1
HEADER, STORE, RELEASES = "export.json", "store.toml", "releases/"
BUNDLE_SUFFIX, RECORD_SUFFIX = ".gptx", ".json"
REQUIRED = (HEADER, CHECKSUMS, SIGNATURE)
MAX_BYTES = 0xFFFFFFFF - 1
"""Beyond four gigabytes a ZIP archive has another form (ZIP64), which we do not read."""

FORM = ArchiveForm(
    "an export",
    re.compile(rf"export\.json|store\.toml|checksums\.txt|signature\.json|{RELEASES}[0-9a-f]{{64}}\.(gptx|json)"),
    MAX_BYTES,
    max_entries=20_000,
)

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=10_000)]


class ExportKind(StrEnum):
    RELEASE = "release"
    STORE = "store"

    @property
    def suffix(self) -> str:
        return f".gpt{self}"


class ExportHeader(BaseModel):
    """`export.json`. by: the account that exported it, by its name there, or ""."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = FORMAT
    kind: ExportKind
    at: AwareDatetime
    by: Annotated[str, Field(max_length=150)] = ""


class DecisionRecord(BaseModel):
    """What a reviewer of the other store decided. It is told to people here, and decides nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Annotated[str, Field(pattern=NAME)]
    approves: bool
    note: Text = ""
    at: AwareDatetime


class StoreSignature(BaseModel):
    """The other store's signature of the release, as `gptstore.releases.signatures` makes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(max_length=100)]
    at: Annotated[str, Field(max_length=60)]
    signature: Annotated[str, Field(max_length=200)]


class ReleaseRecord(BaseModel):
    """`releases/SHA256.json`. rights, risk, publisher: as the other store saw them; here they are found anew."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plugin: Annotated[str, Field(max_length=MAX_PLUGIN)]
    version: Annotated[str, Field(max_length=MAX_VERSION)]
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    rights: list[dict[str, Any]] = []
    risk: int = 0
    publisher: Annotated[str, Field(max_length=60)] = ""
    submitted_at: AwareDatetime
    decisions: list[DecisionRecord] = []
    signature: StoreSignature

    @property
    def name(self) -> str:
        return f"{self.plugin} {self.version}"


def bundle_name(sha256: str) -> str:
    return f"{RELEASES}{sha256}{BUNDLE_SUFFIX}"


def record_name(sha256: str) -> str:
    return f"{RELEASES}{sha256}{RECORD_SUFFIX}"
