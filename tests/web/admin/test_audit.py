"""The audit log in the admin: it is searched, bounded, and says whether it was altered."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.audit.record import record
from gptstore.web.admin import audit
from harness.rows import make_user
from tests.web.admin.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/audit/auditevent/"


@pytest.fixture(autouse=True)
def events(root: User) -> None:
    record(root, "release.approve", "acme-tool 1.0", note="<b>fine</b>")
    record(None, "release.sign", "acme-tool 1.0")
    record(root, "user.delete", "ada")


def numbers(page: str) -> list[int]:
    return [int(part.split("/")[0]) for part in page.split(f'href="{PAGE}')[1:] if part[0].isdigit()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1]),
        ("?action=release.", [2, 1]),
        ("?actor=root", [3, 1]),
        ("?target=acme", [2, 1]),
        ("?q=DELETE", [3]),
        ("?q=nothing", []),
        ("?before=3", [2, 1]),
        ("?before=x", [3, 2, 1]),
    ],
)
def test_events_are_found(desk: Client, query: str, found: list[int]) -> None:
    assert numbers(desk.get(PAGE + query).text) == found


def test_texts_are_escaped_and_the_store_is_named(desk: Client) -> None:
    page = desk.get(PAGE).text

    assert "&lt;b&gt;fine&lt;/b&gt;" in page and "<b>fine" not in page
    assert "The store itself" in page


def test_a_page_is_bounded_and_leads_to_the_one_before(
    desk: Client, root: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(audit, "MAX_ROWS", 2)
    monkeypatch.setattr(audit, "MAX_SEARCHED", 3)
    for n in range(5):
        record(root, "job.cancel", str(n))

    with django_assert_max_num_queries(15) as queries:
        first = desk.get(PAGE).text

    assert numbers(first) == [8, 7] and "?before=7" in first
    of_events = [one["sql"] for one in queries if '"audit_auditevent"' in one["sql"]]
    assert of_events and not [sql for sql in of_events if "COUNT(" in sql or "OFFSET" in sql]
    searched = desk.get(PAGE + "?q=acme").text
    assert numbers(searched) == [] and "Searched back to event 6" in searched and "before=6" in searched
    assert numbers(desk.get(PAGE + "?q=acme&before=3").text) == [2, 1]


def test_the_state_of_the_chain_is_shown(desk: Client) -> None:
    assert "Verified up to event 3" in desk.get(PAGE).text

    AuditEvent.objects.filter(number=2).update(actor="eve")
    page = desk.get(PAGE).text

    assert "The log was altered. Event 2" in page and "Verified" not in page


def test_only_the_newest_are_verified_on_a_page(desk: Client, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_VERIFIED", 2)
    AuditEvent.objects.filter(number=1).update(actor="eve")

    assert "from event 2 on" in desk.get(PAGE).text


def test_an_event_is_shown_with_all_that_is_in_it(desk: Client) -> None:
    page = desk.get(f"{PAGE}1/change/").text

    assert AuditEvent.objects.get(number=1).hash in page and "&lt;b&gt;fine" in page


@pytest.mark.parametrize("address", ["add/", "1/delete/"])
def test_events_are_neither_made_nor_deleted(desk: Client, address: str) -> None:
    assert desk.post(PAGE + address, {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.count() == 3


def test_staff_without_the_right_see_nothing() -> None:
    client = signed_in(make_user("sam", is_staff=True))

    assert [client.get(PAGE + name).status_code for name in ("", "1/change/")] == [403, 403]
