"""Bundles in a bucket, on a real server with S3's API: kept, fetched by digest, and what is said when it fails."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from gptstore.accounts.models import User
from gptstore.bundle_storage import S3Address, storage_settings
from gptstore.releases import s3
from gptstore.releases.errors import BundleStorageError
from gptstore.releases.models import Release
from gptstore.releases.storage import bundles, delete_bundle, open_bundle
from gptstore.releases.submit import submit
from harness.site import free_port
from worker.hosts.releases.bundle_cache import FILE, fetch
from worker.hosts.releases.errors import ReleaseError

pytestmark = pytest.mark.django_db
Bundle = Callable[[str], Path]
SECRET = "a-secret-that-no-message-shows"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    moto.start()
    yield f"http://127.0.0.1:{moto.get_host_and_port()[1]}"
    moto.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ada")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setattr(s3, "ANSWER_SECONDS", 1)
    monkeypatch.setattr(s3, "TRIES", 1)


@pytest.fixture
def bucket(server: str, settings: Any) -> Any:
    """The bucket that the store uses, made anew."""
    made = boto3.resource("s3", endpoint_url=server, region_name="eu-central-1").Bucket("bundles")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    use(settings, f"s3://bundles/some/where?endpoint={server}&region=eu-central-1")
    yield made
    made.objects.delete()
    made.delete()


def fetch_to(place: Path, release: Release) -> Path:
    """Fetch a bundle as a worker does."""
    return fetch(release.sha256, release.size, lambda: open_bundle(release), place / "fetched")


def fetched(place: Path) -> list[str]:
    return [path.name for path in (place / "fetched").iterdir()]


def use(settings: Any, place: str) -> None:
    settings.STORAGES = {**settings.STORAGES, "bundles": storage_settings(place)}


@pytest.fixture
def release(bucket: Any, ada: User, bundle: Bundle) -> Release:
    return submit(bundle("1.0"), ada)


def test_a_bundle_is_kept_under_its_digest_and_fetched(
    release: Release, bucket: Any, bundle: Bundle, tmp_path: Path
) -> None:
    assert [one.key for one in bucket.objects.all()] == [f"some/where/{release.file}"]

    folder = fetch_to(tmp_path, release)

    assert (folder / FILE).read_bytes() == bundle("1.0").read_bytes()
    delete_bundle(release.file)
    assert [*bucket.objects.all()] == []


def test_a_bundle_that_is_not_there_is_named_so(release: Release, bucket: Any, tmp_path: Path) -> None:
    bucket.objects.delete()

    with pytest.raises(BundleStorageError, match="is not in storage"):
        fetch_to(tmp_path, release)
    assert fetched(tmp_path) == []


def test_another_content_under_the_name_is_refused(release: Release, bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Key=f"some/where/{release.file}", Body=b"evil")

    with pytest.raises(ReleaseError, match="not what was approved"):
        fetch_to(tmp_path, release)
    assert fetched(tmp_path) == []


def test_a_server_that_fails_while_a_bundle_is_read_is_named(release: Release, bucket: Any) -> None:
    bundles().open(release.file).close()
    with pytest.raises(BundleStorageError, match="does not answer"), open_bundle(release) as file:
        bucket.objects.delete()
        file.read()


def test_a_server_that_is_away_is_named_and_nothing_is_submitted(
    ada: User, bundle: Bundle, settings: Any, tmp_path: Path
) -> None:
    use(settings, f"s3://bundles?endpoint=http://127.0.0.1:{free_port()}&region=eu-central-1")

    with pytest.raises(BundleStorageError, match="does not answer") as caught:
        submit(bundle("1.0"), ada)

    assert SECRET not in str(caught.value) and "GPTSTORE_BUNDLES" in str(caught.value)
    assert not Release.objects.exists()


def test_a_bucket_that_is_not_there_is_a_fault_of_the_storage(
    server: str, ada: User, bundle: Bundle, settings: Any
) -> None:
    use(settings, f"s3://nothing-here?endpoint={server}&region=eu-central-1")

    with pytest.raises(BundleStorageError):
        submit(bundle("1.0"), ada)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("s3://bundles", S3Address("bundles")),
        ("s3://bundles/a/b/", S3Address("bundles", "a/b")),
        ("s3://bundles?region=eu-central-1", S3Address("bundles", region="eu-central-1")),
        ("s3://b-1/x?endpoint=https://s3.example.org:9000", S3Address("b-1", "x", "https://s3.example.org:9000")),
    ],
)
def test_an_address_names_bucket_and_server(url: str, address: S3Address) -> None:
    assert S3Address.parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "s3://", "s3:///x", "s3://UPPER", "s3://a", "s3://key:secret@bundles", "s3://bundles:9000", "s3://bundles/../x",
        "s3://bundles/a b", "s3://bundles#x", "s3://bundles?endpoint=ftp://x", "s3://bundles?endpoint=s3.example.org",
        "s3://bundles?endpoint=https://key:secret@x", "s3://bundles?region=a/b", "s3://bundles?secret=x",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="write s3://bucket/prefix") as caught:
        S3Address.parse(url)
    assert "secret@" not in str(caught.value)


def test_a_folder_is_no_bucket(tmp_path: Path) -> None:
    assert storage_settings(str(tmp_path))["OPTIONS"]["location"] == str(tmp_path)
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == SECRET and bundles().__class__.__name__ == "FileSystemStorage"
