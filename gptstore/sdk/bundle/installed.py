"""The releases in a store's folder (GPTSTORE_RELEASES): bundles are unpacked there, replaced and removed.

Each change is a renaming, so that whoever looks sees a whole release or none. Names that begin with a dot are no
releases to workers. What an upgrade replaces is kept until it is sure.
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
from gptstore.sdk.bundle.rollback import DRAFT, find_kept, keep, remove, roll_back_cut_off
from gptstore.sdk.bundle.upgrade import Upgrade
from gptstore.sdk.package import normalize_name


@dataclass(frozen=True)
class Installed:
    """A release that was unpacked from a bundle."""

    folder: Path
    header: Header

    @property
    def checksums(self) -> bytes:
        return (self.folder / CHECKSUMS).read_bytes()

    @property
    def key(self) -> str:
        return release_key(self.folder)


def find_installed(releases: Path) -> list[Installed]:
    """Return the releases that came from bundles, by plugin and version. Raises ReleaseFolderError."""
    try:
        folders = [path for path in releases.iterdir() if not path.name.startswith(".") and (path / HEADER).is_file()]
        found = [read_installed(path) for path in folders]
    except OSError as error:
        raise ReleaseFolderError(f"The releases in {releases} cannot be read: {error.strerror}.") from None
    return sorted(found, key=lambda one: (one.header.name, one.folder.name))


def read_installed(folder: Path) -> Installed:
    """Read the header of a release. Raises ReleaseFolderError, or OSError."""
    try:
        return Installed(folder, Header.model_validate_json((folder / HEADER).read_bytes()))
    except ValidationError:
        raise ReleaseFolderError(
            f"A {HEADER} in {folder.parent} cannot be read. Remove that release, and install it anew."
        ) from None


def install(bundle: Bundle, releases: Path) -> Path:
    """Unpack a bundle as a release, and return its folder; what is there already stays. Raises ReleaseFolderError."""
    others, same = find_others(bundle, releases)
    if same is not None:
        return same
    if others:
        there = others[0].header
        raise ReleaseFolderError(f"{there.name} {there.version} is installed. `gptstore upgrade` replaces it.")
    return replace(bundle, releases, []).folder


def upgrade(bundle: Bundle, releases: Path) -> Upgrade:
    """Unpack a bundle in place of other releases of its plugin, which are kept. Raises ReleaseFolderError."""
    others, same = find_others(bundle, releases)
    if same is None:
        return replace(bundle, releases, others)
    try:
        for one in others:
            if one.folder != same:
                remove(one.folder)
    except OSError as error:
        raise ReleaseFolderError(f"{one.folder} cannot be removed: {error.strerror}.") from None
    return Upgrade(same)


def find_others(bundle: Bundle, releases: Path) -> tuple[list[Installed], Path | None]:
    """Return the releases of a bundle's plugin, and the folder of the one with the same content, if there is one."""
    name = bundle.contents.header.name
    others = [one for one in find_changeable(releases, name) if one.header.name == name]
    checksums = bundle.archive.read(CHECKSUMS)
    return others, next((one.folder for one in others if one.checksums == checksums), None)


def replace(bundle: Bundle, releases: Path, others: list[Installed]) -> Upgrade:
    """Unpack a bundle, and let it take the place of the others, which are kept. Raises ReleaseFolderError."""
    header = bundle.contents.header
    folder = releases / f"{header.name}-{header.version}"
    fresh = folder.with_name(f"{DRAFT}{folder.name}-{uuid4().hex[:8]}")
    try:
        bundle.unpack(fresh)
        kept = keep(folder, [one.folder for one in others]) if others else None
        try:
            fresh.rename(folder)
        except BaseException:
            if kept:
                kept.roll_back()
            raise
    except OSError as error:
        raise ReleaseFolderError(f"{folder} cannot be written: {error.strerror}.") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Upgrade(folder, ", ".join(f"{one.header.name} {one.header.version}" for one in others), kept)


def uninstall(plugin: str, releases: Path) -> dict[Path, str]:
    """Remove the releases of a plugin, and return where they were, with their keys.

    Raises ReleaseFolderError if there is none.
    """
    name = normalize_name(plugin)
    found = [one for one in find_changeable(releases, name) if one.header.name == name]
    if not found:
        raise ReleaseFolderError(f"No release of {plugin} is in {releases}. `gptstore list` shows what is.")
    keys = {one.folder: one.key for one in found}
    for one in found:
        try:
            remove(one.folder)
        except OSError as error:
            raise ReleaseFolderError(f"{one.folder} cannot be removed: {error.strerror}.") from None
    return keys


def find_changeable(releases: Path, plugin: str) -> list[Installed]:
    """Return the releases, after upgrades that were cut off are rolled back. Raises ReleaseFolderError.

    plugin: what is to be changed, which no other command may upgrade now.
    """
    try:
        roll_back_cut_off(releases)
        replaced = [read_installed(folder) for folder in find_kept(releases) if (folder / HEADER).is_file()]
    except OSError as error:
        raise ReleaseFolderError(f"The releases in {releases} cannot be changed: {error.strerror}.") from None
    if any(one.header.name == plugin for one in replaced):
        raise ReleaseFolderError(f"Another command upgrades {plugin} just now. Wait until it has ended.")
    return find_installed(releases)
