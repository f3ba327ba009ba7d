import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gptstore.accounts import keys
from gptstore.accounts.models import ApiKey, User
from gptstore.jobs.models import Job, Status
from gptstore.web.admin import accounts
from harness.rows import make_job, make_tool


@pytest.fixture
def admin(bob: User) -> Client:
    User.objects.filter(pk=bob.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(bob)
    return client


def test_admins_see_keys_without_secrets(admin: Client, ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")

    for page in (reverse("admin:accounts_apikey_changelist"), reverse("admin:accounts_apikey_change", args=[key.pk])):
        text = admin.get(page).text
        assert "laptop" in text
        assert secret[8:] not in text
        assert key.digest not in text


def test_admins_make_no_keys(admin: Client) -> None:
    assert admin.get(reverse("admin:accounts_apikey_add")).status_code == 403


def test_admins_can_revoke_keys(admin: Client, ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")

    form = {"action": "revoke_keys", "_selected_action": [key.pk]}
    answer = admin.post(reverse("admin:accounts_apikey_changelist"), form, follow=True)

    assert "1 key revoked" in answer.text
    assert keys.authenticate(secret) is None
    assert not ApiKey.objects.active().exists()


@pytest.mark.parametrize("page", ["user_changelist", "user_add"])
def test_admins_manage_people(admin: Client, page: str) -> None:
    assert admin.get(reverse(f"admin:accounts_{page}")).status_code == 200


def numbers_on(page: str) -> dict[str, str]:
    """Return what the confirmation page counts."""
    return dict(re.findall(r"<li>\s*([A-Z][^:<]+): ([^<]+?)\s*</li>", page))


@pytest.fixture
def with_runs(ada: User, bob: User) -> User:
    tool = make_tool()
    for status in (Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.SUCCEEDED):
        make_job(ada, tool, status)
    make_job(bob, tool, Status.SUCCEEDED)
    keys.create_key(ada, "laptop")
    return ada


def test_a_deletion_is_confirmed_with_the_number_of_runs(admin: Client, with_runs: User) -> None:
    page = admin.get(reverse("admin:accounts_user_delete", args=[with_runs.pk])).text

    counted = numbers_on(page)
    assert counted["Jobs"] == "4"
    assert counted["Running jobs, which are canceled first"] == "1"
    assert counted["API keys"] == "1"
    assert User.objects.filter(pk=with_runs.pk).exists()


def test_a_person_is_deleted_with_their_runs_and_keys(admin: Client, with_runs: User) -> None:
    answer = admin.post(reverse("admin:accounts_user_delete", args=[with_runs.pk]), {"post": "yes"})

    assert answer.status_code == 302
    assert not User.objects.filter(username="ada").exists()
    assert Job.objects.count() == 1  # that of somebody else
    assert not ApiKey.objects.exists()


def test_chosen_people_are_deleted_the_same_way(admin: Client, with_runs: User) -> None:
    form = {"action": "delete_selected", "_selected_action": [with_runs.pk]}

    asked = admin.post(reverse("admin:accounts_user_changelist"), form).text
    assert numbers_on(asked)["Jobs"] == "4"
    admin.post(reverse("admin:accounts_user_changelist"), {**form, "post": "yes"})

    assert not User.objects.filter(username="ada").exists()
    assert Job.objects.count() == 1


def test_many_runs_are_counted_to_a_bound_and_not_loaded(
    admin: Client,
    with_runs: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(accounts, "MAX_COUNTED", 3)

    with django_assert_max_num_queries(20) as queries:
        page = admin.get(reverse("admin:accounts_user_delete", args=[with_runs.pk])).text

    assert numbers_on(page)["Jobs"] == "more than 3"
    about_jobs = [query["sql"] for query in queries if 'FROM "jobs_job"' in query["sql"]]
    assert about_jobs
    assert all("COUNT" in sql and "LIMIT 4" in sql for sql in about_jobs)


def test_who_may_not_delete_people_cannot(client: Client, bob: User, with_runs: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    client.force_login(bob)

    assert client.post(reverse("admin:accounts_user_delete", args=[with_runs.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=with_runs.pk).exists()
