"""The bundle that somebody sent with a request, as a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile


@contextmanager
def stored(upload: UploadedFile) -> Iterator[Path]:
    """Yield where the upload lies: Django has written a large one to a file already."""
    if isinstance(upload, TemporaryUploadedFile):
        upload.flush()
        yield Path(upload.temporary_file_path())
        return
    with NamedTemporaryFile(prefix="gptstore-bundle-") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)
