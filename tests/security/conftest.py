"""An owner with a run, a key and a mail address, and everybody who may try to get at them."""

import pytest
from django.core.cache import cache

from gptstore.accounts.models import User
from gptstore.jobs.estimate.wait_estimate import estimator
from harness.redis import RedisServer
from harness.rows import make_user
from tests.security.callers import Caller, browser, program, with_key
from tests.security.routes import PERSONAL, Belongings, make_belongings


@pytest.fixture(autouse=True)
def nothing_counted(redis_server: RedisServer) -> None:
    """No sign-in of another test counts, nor what was seen of its workers."""
    cache.clear()
    estimator.forget()


@pytest.fixture
def owner(db: None) -> User:
    return make_user("ada", email=f"{PERSONAL}@store.example")


@pytest.fixture
def belongings(owner: User) -> Belongings:
    return make_belongings(owner)


@pytest.fixture
def people(owner: User) -> dict[str, Caller]:
    """Those who open pages, by their role."""
    return {
        "guest": Caller(),
        "another": browser(make_user("bob")),
        "owner": browser(owner),
        "staff": browser(make_user("sam", is_staff=True)),
        "admin": browser(make_user("root", is_staff=True, is_superuser=True)),
    }


@pytest.fixture
def programs(owner: User, belongings: Belongings) -> dict[str, Caller]:
    """Those who call the API, by what they show."""
    return {
        "no key": Caller(),
        "a wrong key": with_key("gs_" + "x" * 40),
        "another's key": program(make_user("eve")),
        "own key": with_key(belongings.secret),
        "own session": browser(owner),
    }
