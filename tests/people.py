import pytest
from django.test import Client

from gptstore.accounts.models import User
from harness.rows import make_user


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob")


@pytest.fixture
def browser(ada: User) -> Client:
    """Ada's, signed in."""
    client = Client()
    client.force_login(ada)
    return client
