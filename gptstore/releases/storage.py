"""Where the bundles of releases lie: a folder by default, see GPTSTORE_BUNDLES."""

from pathlib import Path

from django.core.files import File
from django.core.files.storage import Storage, storages

from gptstore.releases.models import Release


def bundles() -> Storage:
    return storages["bundles"]


def keep_bundle(path: Path, release: Release) -> None:
    """Put the file into the storage, under the name of its content, so that twice is once."""
    storage = bundles()
    if not storage.exists(release.file):
        with path.open("rb") as file:
            storage.save(release.file, File(file))
