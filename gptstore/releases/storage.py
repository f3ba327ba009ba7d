"""Where the bundles of releases lie: see GPTSTORE_BUNDLES. Each is named by its digest, which is checked when read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import InvalidStorageError, Storage, storages

from gptstore.releases.errors import BundleStorageError
from gptstore.releases.models import Release

CHUNK = 1 << 20
EXTRA = "Install `gptstore[s3]`, or requirements/s3.txt."


def bundles() -> Storage:
    """Return the storage. Raises BundleStorageError when its library is not installed."""
    try:
        return storages["bundles"]
    except InvalidStorageError as error:
        raise BundleStorageError(f"The storage of bundles needs django-storages. {EXTRA}") from error


def keep_bundle(path: Path, release: Release) -> None:
    """Put the file into the storage, under the name of its content: twice is once. Raises BundleStorageError."""
    with path.open("rb") as file:
        keep_content(file, release.size, release.file)


def keep_content(file: BinaryIO, size: int, name: str) -> bool:
    """Put what is read from `file` into the storage, in place of a part that a killed process left. Return whether.

    Raises BundleStorageError.
    """
    storage = bundles()
    with answering():
        if storage.exists(name):
            if storage.size(name) == size:
                return False
            storage.delete(name)
        storage.save(name, File(file))
    return True


def delete_bundle(name: str) -> None:
    """Delete a file from the storage. Raises BundleStorageError."""
    with answering():
        bundles().delete(name)


@contextmanager
def open_bundle(release: Release) -> Iterator[BinaryIO]:
    """Open the bundle of a release for reading. Raises BundleStorageError, also when its server fails meanwhile."""
    with answering():
        file = bundles().open(release.file)
    with file:
        try:
            yield cast(BinaryIO, file)
        except faults_of_s3() as error:
            raise does_not_answer(error) from error


@contextmanager
def answering() -> Iterator[None]:
    """Turn what a storage raises into one error. The reason is the kind of fault: messages may hold addresses."""
    faults: tuple[type[Exception], ...] = (OSError, *faults_of_s3())
    try:
        yield
    except FileNotFoundError as error:
        raise BundleStorageError("The bundle is not in storage: see GPTSTORE_BUNDLES.") from error
    except faults as error:
        raise does_not_answer(error) from error


def does_not_answer(error: Exception) -> BundleStorageError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    mend = "Try again, or have the operator see to GPTSTORE_BUNDLES."
    return BundleStorageError(f"The storage of bundles does not answer ({reason}). {mend}")


def faults_of_s3() -> tuple[type[Exception], ...]:
    """Return what boto3 raises, where it is installed."""
    try:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return ()
    return Boto3Error, BotoCoreError, ClientError
