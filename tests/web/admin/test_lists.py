"""The lists of the admin cost the same on each page, however many rows there are."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Category
from gptstore.jobs.ids import first_id, uuid7
from gptstore.jobs.models import Job, Status, Worker
from gptstore.web.admin.lists.keyset import Order
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.django_db

import_module("gptstore.urls")  # by which the admin is loaded

FEW = {Category, Group, Worker}
"""Of these there are never many."""

JOBS, TOOLS = "/admin/jobs/job/", "/admin/catalog/tool/"
ROW = re.compile(r'name="_selected_action"[^>]*value="([^"]+)"')


@pytest.fixture
def rows_of_jobs(root: User) -> list[Job]:
    """Sixty jobs, the newest first, of two people and two tools; every tenth failed."""
    people, tools = [make_user("ada"), make_user("bob")], [make_tool("echo"), make_tool("shout")]
    made = [
        make_job(people[n % 2], tools[n % 3 == 0], Status.FAILED if n % 10 == 0 else Status.SUCCEEDED)
        for n in range(60)
    ]
    return made[::-1]


def page_of(desk: Client, address: str, **asked: Any) -> str:
    response = desk.get(f"{address}?{urlencode(asked)}" if asked else address)
    assert response.status_code == 200, response
    return response.text


def shown(page: str) -> list[str]:
    return ROW.findall(page)


def link(page: str, kind: str) -> str:
    """Return where the link to the next or the previous page leads, or ""."""
    found = re.search(rf'<a href="([^"]+)" rel="{kind}"', page)
    return found[1].replace("&amp;", "&") if found else ""


def walk(desk: Client, address: str, first: str, kind: str) -> Iterator[list[str]]:
    """Yield what each page shows, by its links."""
    query: str | None = first
    while query is not None:
        page = desk.get(address + query).text
        yield shown(page)
        query = link(page, kind) or None


def ids(jobs: list[Job]) -> list[str]:
    return [str(job.id) for job in jobs]


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({}, lambda job: True),
        ({"status__exact": "failed"}, lambda job: job.status == Status.FAILED),
        ({"q": "ada"}, lambda job: job.owner.username == "ada"),
        ({"q": "shout"}, lambda job: job.tool.slug == "shout"),
        (
            {"q": "ada", "status__exact": "succeeded"},
            lambda job: job.owner.username == "ada" and job.status != "failed",
        ),
        ({"worker__exact": "w1", "error_code__exact": ""}, lambda job: True),
        ({"worker__exact": "w2"}, lambda job: False),
        ({"created_at_from": "2026-01-01"}, lambda job: True),
        ({"created_at_to": "2026-01-01"}, lambda job: False),
    ],
)
def test_the_pages_have_each_row_that_matches_once(
    desk: Client, rows_of_jobs: list[Job], asked: dict[str, str], fits: Callable[[Job], bool]
) -> None:
    expected = ids([job for job in rows_of_jobs if fits(job)])

    forwards = [*walk(desk, JOBS, f"?{urlencode(asked)}", "next")]

    assert [one for page in forwards for one in page] == expected
    assert all(len(page) == KeysetAdmin.list_per_page for page in forwards[:-1])


def test_the_way_back_shows_the_same(desk: Client, rows_of_jobs: list[Job]) -> None:
    *_others, last = walk_links(desk, JOBS)

    backwards = [*walk(desk, JOBS, last, "prev")]

    assert [one for page in backwards[::-1] for one in page] == ids(rows_of_jobs)


def walk_links(desk: Client, address: str) -> Iterator[str]:
    query = ""
    while True:
        yield query
        query = link(desk.get(address + query).text, "next")
        if not query:
            return


def test_a_page_stays_what_it_is_when_rows_come_and_go(desk: Client, rows_of_jobs: list[Job]) -> None:
    second = link(page_of(desk, JOBS), "next")
    before = shown(desk.get(JOBS + second).text)
    make_job(rows_of_jobs[0].owner, rows_of_jobs[0].tool)
    rows_of_jobs[24].delete()  # the one after which it begins

    assert shown(desk.get(JOBS + second).text) == before


def test_a_page_looks_at_so_many_rows_and_says_so(
    desk: Client, rows_of_jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeysetAdmin, "max_looked", 7)
    asked = {"worker__exact": "w1", "status__exact": "succeeded"}
    Job.objects.exclude(pk=rows_of_jobs[52].pk).update(worker="other")

    page = page_of(desk, JOBS, **asked)
    pages = [*walk(desk, JOBS, f"?{urlencode(asked)}", "next")]

    assert "7 rows were looked at for this page" in page and shown(page) == []
    assert [one for found in pages for one in found] == ids([rows_of_jobs[52]])
    assert len(pages) == 8  # 54 have succeeded


@pytest.mark.parametrize("text", ["~", "no-place", "x~y", "1~", "\0"])
@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize("address", [JOBS, TOOLS, "/admin/releases/release/", "/admin/accounts/user/"])
def test_a_place_that_is_none_is_no_error_of_the_site(desk: Client, address: str, name: str, text: str) -> None:
    assert desk.get(address, {name: text}).status_code in (200, 302, 400)


@pytest.mark.parametrize(("asked", "count", "more"), [("?q=ada", 24, False), ("?status__exact=queued", 40, True)])
def test_what_is_chosen_beyond_the_page_has_a_limit(
    desk: Client, rows_of_jobs: list[Job], monkeypatch: pytest.MonkeyPatch, asked: str, count: int, more: bool
) -> None:
    Job.objects.filter(status=Status.SUCCEEDED).update(status=Status.QUEUED, started_at=None, completed_at=None)
    monkeypatch.setattr(KeysetAdmin, "max_chosen", 40)
    chosen = {"action": "cancel_jobs", "_selected_action": ids(rows_of_jobs[:1]), "select_across": "1"}

    page = desk.post(JOBS + asked, chosen, follow=True).text

    assert f"{count} jobs are being canceled." in page
    assert ("The action took 40 rows, from this page on" in page) is more
    fits = [job for job in rows_of_jobs if job.status != Status.FAILED and (more or job.owner.username == "ada")]
    canceled = Job.objects.filter(status=Status.CANCELED).order_by("-id")
    assert ids([*canceled]) == ids(fits[:count])


def test_an_action_from_a_later_page_takes_what_is_there_and_behind(desk: Client, rows_of_jobs: list[Job]) -> None:
    Job.objects.update(status=Status.QUEUED, started_at=None, completed_at=None)
    second = link(page_of(desk, JOBS), "next")
    chosen = {"action": "cancel_jobs", "_selected_action": ids(rows_of_jobs[25:26]), "select_across": "1"}

    desk.post(JOBS + second, chosen)

    assert not Job.objects.filter(pk__in=[job.pk for job in rows_of_jobs[:25]], status=Status.CANCELED).exists()
    assert Job.objects.filter(status=Status.CANCELED).count() == 35


def test_an_id_is_found_by_its_beginning(desk: Client, rows_of_jobs: list[Job]) -> None:
    wanted = str(rows_of_jobs[7].id)

    assert shown(page_of(desk, JOBS, q=wanted)) == [wanted]
    assert wanted in shown(page_of(desk, JOBS, q=wanted[:13]))
    assert shown(page_of(desk, JOBS, q=wanted[:7])) == []  # too short for an id, and nobody's name


def test_a_tool_is_found_by_the_beginning_of_its_slug(desk: Client) -> None:
    for slug in ("text-summarizer", "text-writer", "texture", "tex"):
        make_tool(slug)

    assert re.findall(r"catalog/tool/\d+/change/[^>]*>([^<]+)", page_of(desk, TOOLS, q="Text W")) == ["Text writer"]
    assert len(re.findall(r"catalog/tool/\d+/change/", page_of(desk, TOOLS, q="text"))) == 3


def test_a_filter_completes_names(desk: Client) -> None:
    for name in ("ada", "adam", "bob"):
        make_user(name)
    asked = {"app_label": "jobs", "model_name": "job", "field_name": "owner", "term": "ada"}

    found = desk.get("/admin/autocomplete/", asked).json()

    assert [one["text"] for one in found["results"]] == ["ada", "adam"]


def test_first_ids_stand_between_earlier_and_later_ones() -> None:
    now = datetime.now(UTC)
    assert first_id(now - timedelta(seconds=1)) < uuid7() < first_id(now + timedelta(seconds=60))


@pytest.mark.parametrize("model", [*admin.site._registry], ids=lambda model: model.__name__)
def test_each_list_has_an_order_that_pages_can_go_by(model: type[Model], desk: Client) -> None:
    it = admin.site.get_model_admin(model)
    if model in FEW | {AuditEvent}:  # whose own page goes by numbers
        return
    assert isinstance(it, KeysetAdmin)
    request = desk.get("/admin/").wsgi_request
    cl_ordering = [it.get_ordering(request)[0], *(it.sortable_by or ())]
    for ordering in cl_ordering:
        column = model._meta.get_field(Order.parse(model, ordering).column)
        assert not column.null  # type: ignore[union-attr]
        assert column.unique or column.db_index or is_first_of_an_index(model, column.name)  # type: ignore[union-attr]
    assert it.search_help_text and not it.date_hierarchy and not it.show_full_result_count


def is_first_of_an_index(model: type[Model], column: str) -> bool:
    return any(index.fields[:1] == [column] for index in model._meta.indexes)
