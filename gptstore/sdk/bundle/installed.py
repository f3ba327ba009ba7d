"""The releases in a store's folder (GPTSTORE_RELEASES): bundles are unpacked there, replaced and removed.

Each change is one renaming, so that whoever looks sees a whole release or none. Names that begin with a dot are no
releases to workers.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import ReleaseFolderError
from gptstore.sdk.bundle.format import CHECKSUMS, HEADER, Header
from gptstore.sdk.package import normalize_name

GONE = ".gone-"


@dataclass(frozen=True)
class Installed:
    """A release that was unpacked from a bundle."""

    folder: Path
    header: Header

    @property
    def checksums(self) -> bytes:
        return (self.folder / CHECKSUMS).read_bytes()


def find_installed(releases: Path) -> list[Installed]:
    """Return the releases that came from bundles, by plugin and version. Raises ReleaseFolderError."""
    try:
        folders = [path for path in releases.iterdir() if not path.name.startswith(".") and (path / HEADER).is_file()]
        found = [Installed(path, Header.model_validate_json((path / HEADER).read_bytes())) for path in folders]
    except OSError as error:
        raise ReleaseFolderError(f"The releases in {releases} cannot be read: {error.strerror}.") from None
    except ValidationError:
        raise ReleaseFolderError(
            f"A {HEADER} in {releases} cannot be read. Remove that release, and install it anew."
        ) from None
    return sorted(found, key=lambda one: (one.header.name, one.folder.name))


def install(bundle: Bundle, releases: Path, replace: bool) -> Path:
    """Unpack a bundle as a release, and return its folder; what is there already stays. Raises ReleaseFolderError.

    replace: whether other releases of the plugin are removed once the new one is there.
    """
    header = bundle.contents.header
    others = [one for one in find_installed(releases) if one.header.name == header.name]
    for one in others:
        if one.checksums == bundle.archive.read(CHECKSUMS):
            return one.folder
    if others and not replace:
        there = others[0].header
        raise ReleaseFolderError(f"{there.name} {there.version} is installed. `gptstore upgrade` replaces it.")
    folder = releases / f"{header.name}-{header.version}"
    try:
        for one in others:
            if one.folder == folder:  # the same version with other content
                remove(one)
        bundle.unpack(folder)
        for one in others:
            if one.folder != folder:
                remove(one)
    except OSError as error:
        raise ReleaseFolderError(f"{folder} cannot be written: {error.strerror}.") from None
    return folder


def uninstall(plugin: str, releases: Path) -> list[Path]:
    """Remove the releases of a plugin, and return where they were. Raises ReleaseFolderError if there is none."""
    found = [one for one in find_installed(releases) if one.header.name == normalize_name(plugin)]
    if not found:
        raise ReleaseFolderError(f"No release of {plugin} is in {releases}. `gptstore list` shows what is.")
    for one in found:
        try:
            remove(one)
        except OSError as error:
            raise ReleaseFolderError(f"{one.folder} cannot be removed: {error.strerror}.") from None
    return [one.folder for one in found]


def remove(release: Installed) -> None:
    """Rename the release first, so that nobody finds the half of one."""
    gone = release.folder.rename(release.folder.with_name(f"{GONE}{release.folder.name}-{uuid4().hex[:8]}"))
    shutil.rmtree(gone, ignore_errors=True)
