"""Opens the bundle of a release where it is stored, for who looks at it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.utils.translation import gettext as _

from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Release
from gptstore.releases.storage import bundles, open_bundle
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import SUFFIX


@contextmanager
def open_stored(release: Release) -> Iterator[Bundle]:
    """Open the bundle, verified anew. Raises ReleaseError when it is not there, or not what was submitted."""
    try:
        with local_file(release) as path:
            with path.open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != release.sha256:
                    raise ReleaseError(_("The stored bundle is not what was submitted. Quarantine the release."))
            with Bundle.open(path) as bundle:
                yield bundle
    except OSError as error:
        raise ReleaseError(_("The bundle cannot be read: %(reason)s") % {"reason": error.strerror or error}) from None
    except BundleError as error:
        raise ReleaseError(_("The bundle cannot be read: %(reason)s") % {"reason": error}) from None


@contextmanager
def local_file(release: Release) -> Iterator[Path]:
    """Yield where the bundle lies; where the storage is no folder, a copy that goes afterwards."""
    if place := folder_path(release):
        yield place
    else:
        with open_bundle(release) as stored, NamedTemporaryFile(suffix=SUFFIX) as copy:
            shutil.copyfileobj(stored, copy)
            copy.flush()
            yield Path(copy.name)


def folder_path(release: Release) -> Path | None:
    try:
        return Path(bundles().path(release.file))
    except NotImplementedError:
        return None
