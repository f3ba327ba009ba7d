"""What a store installs: a bundle, or a plugin's folder of which one is built; and the folder into which it goes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gptstore.sdk.cli.errors import CommandError

if TYPE_CHECKING:
    from gptstore.sdk.bundle.bundle import Bundle


@contextmanager
def opened(source: Path, signed_by: str) -> Iterator[Bundle]:
    """Open the bundle, or one that is built of a plugin's folder for this machine. Raises CommandError."""
    from gptstore.sdk.bundle.bundle import Bundle
    from gptstore.sdk.bundle.errors import BundleError
    from gptstore.sdk.cli.inspect import check_signer

    try:
        with bundle_of(source) as path, Bundle.open(path) as bundle:
            check_signer(bundle, signed_by)
            yield bundle
    except BundleError as error:
        raise CommandError(f"{source} is refused. {error}") from None


@contextmanager
def bundle_of(source: Path) -> Iterator[Path]:
    """Yield the bundle, or one that is built of a plugin's folder for this machine."""
    if not source.is_dir():
        yield source
        return
    from gptstore.sdk.cli.build import build_for_here

    with tempfile.TemporaryDirectory(prefix="gptstore-install-") as folder:
        yield build_for_here(source, Path(folder))


@contextmanager
def changing(releases: Path) -> Iterator[None]:
    """Say in a sentence why the store's folder cannot be changed. Raises CommandError."""
    from gptstore.sdk.bundle.errors import ReleaseFolderError

    try:
        yield
    except ReleaseFolderError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{releases} cannot be made: {error.strerror}.") from None


def make(releases: Path) -> Path:
    """Return the folder, which is there then."""
    releases.mkdir(parents=True, exist_ok=True)
    return releases
