"""The dashboard: figures of the store on the admin's first page, each for those who may see what it counts."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gptstore.accounts.models import User
from gptstore.jobs import workers
from gptstore.jobs.load import MinuteOfLoad, load_history
from gptstore.jobs.models import Status
from gptstore.jobs.workers import WorkerInfo
from gptstore.releases.models import Deployment, Plugin, Release
from gptstore.web.admin.dashboard_charts import JOBS, Chart
from harness.rows import make_job, make_tool, make_user
from tests.web.html import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    load_history.forget()


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def staff_with(*permissions: str) -> Client:
    person = make_user("sam", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(person)
    return client


def test_a_new_store_has_figures_that_say_so(admin: Client) -> None:
    page = text_of(admin.get("/admin/").text)
    for text in (
        "The queue is empty.",
        "0 workers take jobs.",
        "No job has ended in the last hour.",
        "No job has failed.",
        "No release is being rolled out.",
    ):
        assert text in page, text


def test_the_figures_are_those_of_the_rows(admin: Client, owner: User) -> None:
    shout = make_tool("shout")
    for status in (Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED):
        make_job(owner, shout, status, completion_tokens=700)
    make_job(owner, shout, created_at=timezone.now() - timedelta(minutes=7))
    workers.beat(WorkerInfo("w1", "m", True, 1, 1024, "cpu", ["shout"]))
    plugin = Plugin.objects.create(name="acme")
    rows = [
        Release.objects.create(plugin=plugin, version=status, key=status, sha256=status, size=1 << 20, manifest={})
        for status in ("in_review", "submitted", "approved")
    ]
    for row in rows:
        Release.objects.filter(pk=row.pk).update(status=row.version)
    Deployment.objects.create(plugin=plugin, release=rows[2], outcome="It waits for w1.")
    page = text_of(admin.get("/admin/").text)
    for text in (
        "Jobs in the last hour 3 2,100 tokens",
        "Jobs that wait 1 The oldest has waited 7 min.",
        "Failed in the last 24 hours 1",
        "Workers alive 1",
        "Releases to review 1 1 more is being checked.",
        "Open rollouts 1",
        "Bundles of releases: 3.0 MB.",
        "Tool Failed jobs Shout 1",
        "acme approved All workers at once 100 %",
        "It waits for w1.",
    ):
        assert text in page, text


def test_the_charts_have_a_table_of_the_same_figures(admin: Client, owner: User) -> None:
    now = timezone.now()
    make_job(owner, make_tool("shout"), Status.FAILED, completed_at=now, completion_tokens=41)
    page = admin.get("/admin/")
    assert page.text.count('<rect class="failed"') == 2, "a bar, and the legend"
    assert f"{now:%H:%M} 0 1 0" in text_of(page.text)
    assert f"{now:%H:%M} 41" in text_of(page.text)


def test_bars_stand_on_each_other_and_the_highest_pile_fills_the_drawing() -> None:
    minutes = [MinuteOfLoad(timezone.now(), 2, 1, 1), MinuteOfLoad(timezone.now(), 1)]
    bars = [(bar.name, bar.x, bar.y, bar.height) for bar in Chart(minutes, JOBS).bars]
    assert bars == [
        ("done", 0, 500, 500),
        ("failed", 0, 250, 250),
        ("canceled", 0, 0, 250),
        ("done", 10, 750, 250),
    ]


@pytest.mark.parametrize(
    ("permissions", "shown", "hidden"),
    [
        (["view_job"], ["Jobs per minute"], ["Workers alive", "Releases to review", ">Storage<"]),
        (["view_worker"], ["Workers alive"], ["Jobs per minute", "Releases to review", ">Storage<"]),
        (["view_release"], ["Releases to review"], ["Jobs per minute", "Workers alive", ">Storage<"]),
    ],
)
@pytest.mark.parametrize("address", ["/admin/", "/admin/dashboard/"])
def test_staff_see_figures_of_what_they_may_see(
    permissions: list[str], shown: list[str], hidden: list[str], address: str
) -> None:
    page = staff_with(*permissions).get(address).text
    assert [text for text in shown if text not in page] == []
    assert [text for text in hidden if text in page] == []


def test_staff_without_such_rights_see_what_they_may_do() -> None:
    page = staff_with("view_category").get("/admin/").text
    assert "/admin/catalog/category/" in page
    assert "data-live" not in page


@pytest.mark.parametrize("address", ["/admin/", "/admin/dashboard/"])
def test_more_rows_cost_no_more_queries(
    address: str, admin: Client, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    admin.get(address)
    tools = [make_tool(f"tool-{number}") for number in range(5)]
    for tool in tools * 3:
        make_job(owner, tool, Status.FAILED)
    for number in range(5):
        workers.beat(WorkerInfo(f"w{number}", "m", True, 1, 1024, "cpu", ["tool-1"]))
    with django_assert_max_num_queries(12):
        admin.get(address)
