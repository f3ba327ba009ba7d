"""An admin, and a store whose bundles and keys are its own."""

import pytest
from django.test import Client

from gptstore.accounts.models import User
from harness.rows import make_user
from tests.releases.conftest import approved, boss, bundle, store_folders  # noqa: F401 - fixtures


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def root(db: None) -> User:
    return make_user("root", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(root: User) -> Client:
    """The browser of `root`."""
    return signed_in(root)
