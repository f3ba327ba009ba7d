from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.bundle_storage import storage_settings
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from harness.rows import make_user
from tests.authors.bundle_parts import write_small_bundle
from tests.people import ada, bob  # noqa: F401 - fixtures

Approved = Callable[[str], Release]


@pytest.fixture(autouse=True)
def store_folders(tmp_path: Path, settings: Any) -> Path:
    """Give the store a storage and a signing key of its own."""
    folder = str(tmp_path / "bundles")
    settings.ENV = settings.ENV.model_copy(update={"bundles": folder, "signing_key": tmp_path / "keys/store.key"})
    settings.STORAGES = {**settings.STORAGES, "bundles": storage_settings(folder)}
    return tmp_path


@pytest.fixture
def boss(db: None) -> User:
    return make_user("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Path]:
    """Write a bundle of acme-tool with this version, and what its CHANGELOG.md says."""
    return lambda version, changelog="": write_small_bundle(tmp_path / version, version=version, changelog=changelog)


@pytest.fixture
def approved(ada: User, boss: User, bundle: Callable[[str], Path]) -> Approved:  # noqa: F811
    """Submit a release with this version, and approve it."""

    def make(version: str) -> Release:
        release = submit(bundle(version), ada)
        Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW)
        return approve(release, boss)

    return make
