"""Makes a bundle of a project's folder: builds, locks, downloads, lets the plugin describe itself, and writes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from gptstore.sdk.bundle.adapter import find_adapter
from gptstore.sdk.bundle.checksums import digest_of
from gptstore.sdk.bundle.format import CHANGELOG, REQUIREMENTS, Header
from gptstore.sdk.bundle.signing_key import SigningKey
from gptstore.sdk.bundle.writer import Parts, write_bundle
from gptstore.sdk.wheels.environment import describe
from gptstore.sdk.wheels.errors import WheelError
from gptstore.sdk.wheels.locked_wheels import Gathered, Note, gather
from gptstore.sdk.wheels.locking import write_lock
from gptstore.sdk.wheels.order import Order


def assemble(order: Order, note: Note) -> Path:
    """Make the bundle and return where it is. Raises WheelError, BundleError, AdapterError or SigningKeyError.

    note: is told what takes time.
    """
    if not (order.project / "pyproject.toml").is_file():
        raise WheelError(f"{order.project} has no pyproject.toml. Go to the plugin's folder, or name it.")
    key = SigningKey.read(order.key) if order.key else None
    adapter = find_adapter(order.adapter) if order.adapter else {}
    with tempfile.TemporaryDirectory(prefix="gptstore-build-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        gathered = gather(order, folder, note)
        requirements = folder / REQUIREMENTS
        requirements.write_text(gathered.whole_lock.text(), encoding="utf-8", newline="\n")
        manifest = describe(gathered, requirements, order)
        made = folder / header_of(gathered, order).file_name
        wheels = sorted(gathered.folder.iterdir())
        parts = Parts(
            header_of(gathered, order), manifest, requirements, wheels, adapter, find_changelog(order.project)
        )
        write_bundle(made, parts, key)
        if order.keeps_lock:
            write_lock(gathered.lock, order.project)
        return put(made, order.output, order.force)


def header_of(gathered: Gathered, order: Order) -> Header:
    plugin, platforms = gathered.plugin, [platform.name for platform in order.platforms]
    return Header(name=plugin.name, version=plugin.version, platforms=platforms, sdk=gathered.sdk.version)


def find_changelog(project: Path) -> Path | None:
    """Return the file that says what each version changed, if the project has one."""
    path = project / CHANGELOG
    return path if path.is_file() else None


def put(made: Path, output: Path, force: bool) -> Path:
    """Put the bundle into its folder, unless one of its name has other content. Raises WheelError."""
    target = output / made.name
    try:
        output.mkdir(parents=True, exist_ok=True)
        if target.exists() and digest_of(target) == digest_of(made):
            return target
        if target.exists() and not force:
            raise WheelError(
                f"{target} is there with other content. Raise the version in pyproject.toml, or build with --force."
            )
        beside = target.with_name(f".{made.name}.new")
        shutil.copyfile(made, beside)
        beside.replace(target)
    except OSError as error:
        raise WheelError(f"{target} cannot be written: {error.strerror}.") from None
    return target
