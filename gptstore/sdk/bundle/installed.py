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
from gptstore.sdk.bundle.release_key import release_key
from gptstore.sdk.package import normalize_name

NEW, GONE = ".new-", ".gone-"


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
    same = next((one.folder for one in others if one.checksums == bundle.archive.read(CHECKSUMS)), None)
    if same is not None and not replace:
        return same
    if others and not replace:
        there = others[0].header
        raise ReleaseFolderError(f"{there.name} {there.version} is installed. `gptstore upgrade` replaces it.")
    folder = same or releases / f"{header.name}-{header.version}"
    try:
        gone = [] if same else unpack_over(bundle, folder)
        gone += [put_away(one.folder) for one in others if one.folder != folder]
        for old in gone:
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise ReleaseFolderError(f"{folder} cannot be written: {error.strerror}.") from None
    return folder


def unpack_over(bundle: Bundle, folder: Path) -> list[Path]:
    """Unpack a bundle in place of the same version with other content. Return where that is now, if it was there."""
    fresh = folder.with_name(f"{NEW}{folder.name}-{uuid4().hex[:8]}")
    try:
        bundle.unpack(fresh)
        gone = [put_away(folder)] if folder.exists() else []
        fresh.rename(folder)
        return gone
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def uninstall(plugin: str, releases: Path) -> dict[Path, str]:
    """Remove the releases of a plugin, and return where they were, with their keys.

    Raises ReleaseFolderError if there is none.
    """
    found = [one for one in find_installed(releases) if one.header.name == normalize_name(plugin)]
    if not found:
        raise ReleaseFolderError(f"No release of {plugin} is in {releases}. `gptstore list` shows what is.")
    keys = {one.folder: release_key(one.folder) for one in found}
    for one in found:
        try:
            shutil.rmtree(put_away(one.folder), ignore_errors=True)
        except OSError as error:
            raise ReleaseFolderError(f"{one.folder} cannot be removed: {error.strerror}.") from None
    return keys


def put_away(folder: Path) -> Path:
    """Rename a release before it is deleted, so that nobody finds the half of one. Return its new name."""
    return folder.rename(folder.with_name(f"{GONE}{folder.name}-{uuid4().hex[:8]}"))
