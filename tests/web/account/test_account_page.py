"""The account page: keys are made, shown once, and revoked."""

import re

import pytest
from django.test import Client

from gptstore.accounts import keys
from gptstore.accounts.models import ApiKey, User

SECRET = re.compile(r"gs_[A-Za-z0-9_-]{40}")


def secrets_on(page: str) -> set[str]:
    return set(SECRET.findall(page))


def test_a_guest_is_asked_to_sign_in(client: Client, ada: User) -> None:
    key, _secret = keys.create_key(ada, "laptop")

    for path in ("/account/", f"/account/keys/{key.pk}/revoke/"):
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 302
            assert answer["Location"] == f"/accounts/login/?next={path}"
    assert ApiKey.objects.get().is_active


def test_a_new_key_is_shown_once(browser: Client) -> None:
    made = browser.post("/account/", {"name": "laptop"})
    assert made.status_code == 302

    shown = browser.get(made["Location"])
    reloaded = browser.get(made["Location"])

    (secret,) = secrets_on(shown.text)
    assert keys.authenticate(secret) == ApiKey.objects.get().owner
    assert "no-store" in shown["Cache-Control"]
    assert not secrets_on(reloaded.text)
    assert secret[:8] in reloaded.text
    assert ApiKey.objects.count() == 1


def test_the_server_keeps_no_secret_until_it_is_shown(browser: Client) -> None:
    browser.post("/account/", {"name": "laptop"})

    assert not secrets_on(str(dict(browser.session)))
    cookie = browser.cookies["new_api_key"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/account/"


def test_the_secret_is_shown_to_nobody_else_at_the_same_browser(browser: Client, bob: User) -> None:
    browser.post("/account/", {"name": "laptop"})
    cookie = browser.cookies["new_api_key"]
    browser.force_login(bob)
    browser.cookies["new_api_key"] = cookie.value

    assert not secrets_on(browser.get("/account/").text)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b"])
def test_a_key_needs_a_name(browser: Client, name: str) -> None:
    answer = browser.post("/account/", {"name": name})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not ApiKey.objects.exists()


def test_a_name_is_shown_as_text(browser: Client, ada: User) -> None:
    keys.create_key(ada, "<script>alert(1)</script>")

    assert "<script>alert" not in browser.get("/account/").text


def test_to_revoke_a_key_takes_a_second_step(browser: Client, ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")

    asked = browser.get(f"/account/keys/{key.pk}/revoke/")
    assert asked.status_code == 200
    assert "laptop" in asked.text
    assert keys.authenticate(secret) == ada

    done = browser.post(f"/account/keys/{key.pk}/revoke/", follow=True)
    assert keys.authenticate(secret) is None
    assert "no longer works" in done.text
    assert secret[:8] not in done.text


def test_the_keys_of_others_are_not_there(browser: Client, bob: User) -> None:
    key, secret = keys.create_key(bob, "his laptop")

    assert "his laptop" not in browser.get("/account/").text
    assert browser.get(f"/account/keys/{key.pk}/revoke/").status_code == 404
    assert browser.post(f"/account/keys/{key.pk}/revoke/").status_code == 404
    assert keys.authenticate(secret) == bob


def test_nothing_changes_without_the_csrf_token(ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    key, secret = keys.create_key(ada, "laptop")

    assert browser.post("/account/", {"name": "x"}).status_code == 403
    assert browser.post(f"/account/keys/{key.pk}/revoke/").status_code == 403
    assert keys.authenticate(secret) == ada
    assert ApiKey.objects.count() == 1
