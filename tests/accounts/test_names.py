"""Names that people can't keep apart are not given to two accounts."""

import os
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from gptstore.accounts.models import User
from gptstore.sdk.intake.confusable import skeleton
from harness.rows import PASSWORD, make_user

pytestmark = pytest.mark.django_db

ORDINARY = "ordinary letters: admin"
UNSEEN = "a character that nobody can see"
MIXED = "mixes alphabets"
ALIKE = "looks like one that somebody has"
REFUSED = [
    pytest.param("аdmin", MIXED, id="a Cyrillic letter"),
    pytest.param("ａｄｍｉｎ", ORDINARY, id="full width"),
    pytest.param("𝐚𝐝𝐦𝐢𝐧", ORDINARY, id="mathematical letters"),
    pytest.param("admin\u1160", UNSEEN, id="a filler"),
    pytest.param("ADMlN", ALIKE, id="an l as a capital I"),
    pytest.param("adrnin", ALIKE, id="rn as m"),
]
OF_ONE_LANGUAGE = ["小明", "小明abc", "Анна", "jürgen", "김철수", "さくら", "ada.l@store-1", "Ωμέγα"]


def sign_up(name: str) -> str:
    form = {"username": name, "password1": "a long horse", "password2": "a long horse"}
    return Client().post("/accounts/signup/", form, follow=True).text


@pytest.fixture
def taken() -> User:
    return make_user("admin")


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_sign_up_refuses_a_name_that_looks_like_another(taken: User, name: str, reason: str) -> None:
    assert reason in sign_up(name)
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", OF_ONE_LANGUAGE)
def test_names_of_every_language_are_fine(taken: User, name: str) -> None:
    sign_up(name)

    assert User.objects.filter(username=name).exists()


def test_a_whole_word_of_another_alphabet_may_not_look_like_a_name_either() -> None:
    make_user("coco")

    assert ALIKE in sign_up("сосо")  # each letter is Cyrillic
    assert ALIKE in sign_up("СОСО")


def test_the_reason_is_given_in_the_readers_language(taken: User) -> None:
    form = {"username": "аdmin", "password1": "a long horse", "password2": "a long horse"}

    page = Client(headers={"accept-language": "zh-CN"}).post("/accounts/signup/", form).text

    assert "字母" in page


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_admins_cannot_choose_it_for_somebody(client: Client, taken: User, name: str, reason: str) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    client.force_login(taken)
    form = {"username": name, "password1": "a long horse", "password2": "a long horse", "usable_password": "true"}

    page = client.post(reverse("admin:accounts_user_add"), form).text

    assert "errornote" in page or reason in page or "already exists" in page
    assert User.objects.count() == 1


def test_the_command_line_refuses_it(taken: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    with pytest.raises(CommandError, match=MIXED):
        call_command("createsuperuser", "--noinput", "--username=аdmin", "--email=a@b.example", stdout=StringIO())
    assert User.objects.count() == 1


def test_an_account_keeps_the_name_that_it_had_before(client: Client, taken: User) -> None:
    earlier = User(username="аdmin", is_staff=True, is_superuser=True)
    earlier.set_password(PASSWORD)
    earlier.save()

    client.post("/accounts/login/", {"login": "аdmin", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(earlier.pk)
    earlier.first_name = "Ada"
    earlier.full_clean()


def test_a_renamed_account_may_write_its_name_in_another_way(taken: User) -> None:
    taken.username = "Admin"
    taken.full_clean()

    taken.username = "аdmin"
    with pytest.raises(ValidationError, match=MIXED):
        taken.full_clean()


def test_rows_that_are_written_at_once_have_a_skeleton_too() -> None:
    User.objects.bulk_create([User(username="grace")])

    assert User.objects.get(username="grace").skeleton == skeleton("GRACE")


def test_names_from_before_are_compared_too() -> None:
    User.objects.bulk_create([User(username="coco")])
    User.objects.update(skeleton="")

    import_module("gptstore.accounts.migrations.0003_fill_skeletons").fill_skeletons(apps, None)

    assert ALIKE in sign_up("сосо")
