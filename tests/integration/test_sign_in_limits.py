"""Wrong passwords are counted by all web processes together, for each visitor behind a proxy."""

from collections.abc import Iterator

import httpx
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from gptstore.accounts.models import User
from harness.database import database_of_tests
from harness.redis import RedisServer
from harness.rows import PASSWORD
from harness.site import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(scope="module")
def addresses(
    redis_process: RedisServer, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Two web processes of one store, behind a proxy on this machine."""
    database = database_of_tests()
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    settings = {"trusted_proxies": "127.0.0.1", "var": str(first)}
    with (
        Site(first, redis_process.url, database, **settings) as here,
        Site(second, redis_process.url, database, **settings) as there,
    ):
        here.manage("collectstatic", "--noinput")
        here.start_web()
        there.start_web()
        yield [here.url, there.url]


def is_signed_in(address: str, password: str, visitor: str) -> bool:
    with httpx.Client(base_url=address, headers={"X-Forwarded-For": visitor}, timeout=60) as client:
        client.get("/accounts/login/")
        form = {"login": "ada", "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = client.post("/accounts/login/", data=form, headers={"Origin": address})
        assert answer.status_code in (200, 302), answer.text
        return answer.status_code == 302


def test_guesses_at_one_process_count_at_the_other_for_their_visitor_alone(
    addresses: list[str], owner: User, redis_server: RedisServer
) -> None:
    owner.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt")  # the site does not know the tests' quick hashes
    owner.save()

    for number in range(5):
        assert not is_signed_in(addresses[0], f"wrong {number}", HERE)

    assert not is_signed_in(addresses[1], PASSWORD, HERE)
    assert not is_signed_in(addresses[1], PASSWORD, f"{ELSEWHERE}, {HERE}")
    assert is_signed_in(addresses[1], PASSWORD, ELSEWHERE)
