"""One limit of wrong passwords holds for the whole site, by visitor, and locks nobody else out."""

import pytest
from django.test import Client

from gptstore.accounts.models import User
from gptstore.shared_cache import store
from harness.redis import RedisServer
from harness.rows import PASSWORD, make_user

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
PROXY = "10.1.2.3"
LOCKED = "Too many failed login attempts"

pytestmark = pytest.mark.django_db


def sign_in(name: str, password: str, address: str = HERE, **headers: str) -> str:
    """Return what is said to somebody who signs in: the page, or nothing where they are signed in."""
    form = {"login": name, "password": password}
    answer = Client(headers={key.replace("_", "-"): value for key, value in headers.items()}).post(
        "/accounts/login/", form, REMOTE_ADDR=address
    )
    return "" if answer.status_code == 302 else answer.text


def guess(name: str, times: int, address: str = HERE, **headers: str) -> list[str]:
    return [sign_in(name, f"wrong {number}", address, **headers) for number in range(times)]


def test_five_wrong_passwords_lock_a_name_for_this_address_alone(ada: User) -> None:
    assert not any(LOCKED in page for page in guess("ada", 5))

    assert LOCKED in sign_in("ada", PASSWORD)
    assert sign_in("ada", PASSWORD, ELSEWHERE) == ""


def test_other_names_still_work_from_there(ada: User, bob: User) -> None:
    guess("ada", 5)

    assert sign_in("bob", PASSWORD) == ""


def test_one_address_tries_ten_passwords_a_minute_whatever_the_names(bob: User) -> None:
    for name in "abcdefghij":
        assert LOCKED not in sign_in(name, "wrong")

    assert LOCKED in sign_in("bob", PASSWORD)
    assert sign_in("bob", PASSWORD, ELSEWHERE) == ""


@pytest.mark.parametrize("name", ["ADA", "Ada", "ａｄａ"])
def test_another_spelling_of_the_name_is_not_counted_apart(ada: User, name: str) -> None:
    guess("ada", 5)

    assert LOCKED in sign_in(name, PASSWORD)


def test_another_name_of_the_site_is_not_counted_apart(ada: User) -> None:
    guess("ada", 5, host="localhost")

    assert LOCKED in sign_in("ada", PASSWORD, host="127.0.0.1")


def test_addresses_of_one_ipv6_network_are_one_visitor(ada: User) -> None:
    guess("ada", 5, "2001:db8:1:2::1")

    assert LOCKED in sign_in("ada", PASSWORD, "2001:db8:1:2::2")
    assert sign_in("ada", PASSWORD, "2001:db8:1:3::1") == ""


def test_every_process_counts_with_the_others(ada: User, redis_server: RedisServer) -> None:
    guess("ada", 5)
    assert redis_server.client.keys("*login_failed*")
    store.cache_clear()  # as a process does that is new

    assert LOCKED in sign_in("ada", PASSWORD)


def test_people_sign_in_while_redis_is_away_and_guesses_are_still_limited(ada: User, redis_server: RedisServer) -> None:
    redis_server.kill()

    assert sign_in("ada", PASSWORD) == ""
    guess("ada", 5)
    assert LOCKED in sign_in("ada", PASSWORD)


def test_visitors_behind_a_proxy_are_told_apart(ada: User, settings: object) -> None:
    settings.ENV = settings.ENV.model_copy(update={"trusted_proxies": [PROXY]})  # type: ignore[attr-defined]
    guess("ada", 5, PROXY, x_forwarded_for=HERE)

    assert LOCKED in sign_in("ada", PASSWORD, PROXY, x_forwarded_for=HERE)
    assert LOCKED in sign_in("ada", PASSWORD, PROXY, x_forwarded_for=f"{ELSEWHERE}, {HERE}")
    assert sign_in("ada", PASSWORD, PROXY, x_forwarded_for=ELSEWHERE) == ""


def test_a_visitor_cannot_pretend_to_be_many(ada: User) -> None:
    for number in range(5):
        guess("ada", 1, x_forwarded_for=f"192.0.2.{number}")

    assert LOCKED in sign_in("ada", PASSWORD, x_forwarded_for="192.0.2.99")


def test_the_admin_has_no_sign_in_of_its_own(client: Client, ada: User) -> None:
    make_user("root", is_staff=True, is_superuser=True)
    form = {"username": "root", "password": PASSWORD}

    for answer in (client.get("/admin/login/?next=/admin/jobs/job/"), client.post("/admin/login/", form)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=%2Fadmin%2F")
    assert "_auth_user_id" not in client.session


def test_an_admin_gets_to_the_page_that_they_asked_for(client: Client) -> None:
    make_user("root", is_staff=True, is_superuser=True)
    entrance = client.get("/admin/jobs/job/", follow=True).redirect_chain[-1][0]

    client.post(entrance, {"login": "root", "password": PASSWORD}, follow=True)

    assert client.get("/admin/jobs/job/").status_code == 200
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_a_signed_in_admin_cannot_guess_there_either(client: Client) -> None:
    client.force_login(make_user("staff", is_staff=True))
    make_user("root", is_staff=True, is_superuser=True)

    answer = client.post("/admin/login/", {"username": "root", "password": PASSWORD})

    assert answer["Location"] == "/admin/"
    assert User.objects.get(pk=client.session["_auth_user_id"]).username == "staff"


def test_people_who_are_no_staff_are_told_so(browser: Client) -> None:
    assert browser.get("/admin/login/").status_code == 403
    assert browser.get("/admin/", follow=True).status_code == 403


def test_the_admins_own_password_is_changed_where_everybodys_is(client: Client) -> None:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))

    assert client.post("/admin/password_change/", {"old_password": "guess"})["Location"] == "/accounts/password/change/"


def test_a_limit_is_explained_on_a_page_of_the_site(browser: Client) -> None:
    form = {"oldpassword": "wrong", "password1": "a long horse", "password2": "a long horse"}
    answers = [browser.post("/accounts/password/change/", form) for _ in range(6)]

    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].text
    assert 'lang="en"' in answers[-1].text
