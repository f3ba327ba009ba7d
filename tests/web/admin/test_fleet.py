"""The fleet page: every worker with its state, the releases on the workers, and who may drain one."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.jobs import workers
from gptstore.jobs.drain import drain
from gptstore.jobs.load import count_queued
from gptstore.jobs.models import Status, Worker
from gptstore.jobs.workers import WorkerInfo
from gptstore.releases.models import Deployment, Plugin, Release, Strategy
from gptstore.web.admin.fleet_releases import read_releases
from gptstore.web.admin.fleet_workers import FleetWorker, read_workers
from harness.redis import RedisServer
from harness.rows import is_drained, make_job, make_tool, make_user
from tests.web.html import text_of

pytestmark = pytest.mark.django_db

LOG = "No solution was found: <b>numpy</b>"


def beat(name: str = "w1", **values: Any) -> Worker:
    info = WorkerInfo(name, "some-model", False, 1, 1024, "cuda:0", values.pop("tools", ["echo"]), **values)
    workers.beat(info)
    return Worker.objects.get(name=name)


def make_release(plugin: Plugin, version: str) -> Release:
    key = f"{plugin}-{version}"
    return Release.objects.create(
        plugin=plugin, version=version, key=key, sha256=key, size=1, manifest={}, status="approved"
    )


@pytest.fixture
def plugin() -> Plugin:
    """A plugin whose release 1 is live, while release 2 is tried on the worker w1."""
    plugin = Plugin.objects.create(name="acme")
    plugin.live, second = make_release(plugin, "1"), make_release(plugin, "2")
    plugin.save()
    Deployment.objects.create(plugin=plugin, release=second, strategy=Strategy.CANARY, canary_worker="w1", share=10)
    return plugin


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


def found(name: str) -> FleetWorker:
    return next(worker for worker in read_workers(count_queued()).workers if worker.row.name == name)


def test_an_empty_fleet_says_how_to_start_a_worker(admin: Client) -> None:
    page = admin.get("/admin/fleet/").text
    assert "No worker is running" in page
    assert "python -m worker" in page


def test_a_worker_is_shown_with_what_it_does(admin: Client, owner: User) -> None:
    echo, other = make_tool("echo"), make_tool("other")
    missing = ["network: this kernel has no Landlock 4"]
    beat(slots=4, sandbox="reduced", sandbox_missing=missing, tokens_per_second=1234.4, memory=3 << 30)
    make_job(owner, echo, Status.RUNNING)
    for tool in (echo, echo, other):
        make_job(owner, tool)
    worker = found("w1")
    assert (worker.running, worker.queued, worker.state) == (1, 2, "ready")
    page = text_of(admin.get("/admin/fleet/").text)
    for text in ("some-model", "cuda:0", "3.0 GB", "1 of 4", "1,234 tokens/s", "Reduced sandbox", *missing):
        assert text in page, text


@pytest.mark.parametrize(
    ("seconds", "is_drained", "runs", "state"),
    [
        (1, False, False, "ready"),
        (15, False, False, "silent"),
        (1, True, True, "draining"),
        (1, True, False, "drained"),
        (40, False, False, "lost"),
        (40, True, False, "lost"),
    ],
)
def test_the_state_of_a_worker(
    owner: User, redis_server: RedisServer, seconds: int, is_drained: bool, runs: bool, state: str
) -> None:
    beat()
    if is_drained:
        drain("w1", owner)
    if runs:
        make_job(owner, make_tool("echo"), Status.RUNNING)
    Worker.objects.update(last_seen_at=timezone.now() - timedelta(seconds=seconds))
    assert found("w1").state == state


def test_a_lost_worker_is_still_shown_with_the_age_of_its_heartbeat(admin: Client) -> None:
    beat("alive"), beat("gone")
    Worker.objects.filter(name="gone").update(last_seen_at=timezone.now() - timedelta(minutes=14))
    page = text_of(admin.get("/admin/fleet/").text)
    assert "1 worker takes jobs, 1 is lost." in page
    assert "14 min ago" in page
    assert [worker.row.name for worker in read_workers(count_queued()).alive] == ["alive"]


def test_each_release_has_its_state_on_each_worker(plugin: Plugin) -> None:
    first, second = beat("w1", releases={"acme-1": "", "old-1": ""}), beat("w2", releases={"acme-1": LOG})
    third = beat("w3", refused={"releases": "They run in the sandbox only."})
    rows = {row.title: row for row in read_releases([first, second, third])}
    states = {title: (row.role, [cell.state for cell in row.cells]) for title, row in rows.items()}
    assert states == {
        "acme 1": ("live", ["ready", "failed", "blind"]),
        "acme 2": ("rolling out", ["installing", "absent", "absent"]),
        "old-1": ("folder", ["ready", "absent", "absent"]),
    }
    assert [cell.reason for cell in rows["acme 1"].cells] == ["", LOG, "They run in the sandbox only."]


def test_a_release_that_a_worker_still_has_is_shown_as_no_longer_wanted(plugin: Plugin) -> None:
    make_release(plugin, "0")
    worker = beat("w2", releases={"acme-1": "", "acme-0": ""})
    assert [(row.title, row.role) for row in read_releases([worker])] == [("acme 0", "unwanted"), ("acme 1", "live")]


def test_the_log_of_a_failed_release_is_shown_as_text(admin: Client, plugin: Plugin) -> None:
    beat("w2", releases={"acme-1": LOG})
    page = admin.get("/admin/fleet/").text
    assert LOG not in page
    assert LOG in text_of(page)


def test_the_live_part_is_the_same_without_the_frame(admin: Client) -> None:
    beat()
    part = admin.get("/admin/fleet/?live=1").text
    assert part.count('data-section="') == 3
    assert "<html" not in part
    assert 'role="status"' in part


def test_an_admin_drains_and_resumes_a_worker(admin: Client, redis_server: RedisServer) -> None:
    worker = beat()
    page = admin.post(f"/admin/fleet/{worker.pk}/drain/", follow=True).text
    assert "w1 is drained" in text_of(page)
    assert is_drained("w1")
    assert "Drained by root" in text_of(page)
    page = admin.post(f"/admin/fleet/{worker.pk}/resume/", follow=True).text
    assert "w1 claims jobs again." in text_of(page)
    assert not is_drained("w1")
    events = AuditEvent.objects.order_by("number").values_list("actor", "action", "target")
    assert list(events) == [("root", "worker.drain", "worker w1"), ("root", "worker.resume", "worker w1")]


def test_who_may_only_view_workers_neither_sees_the_button_nor_may_press_it() -> None:
    worker, viewer = beat(), staff_with("view_worker")
    page = viewer.get("/admin/fleet/")
    assert page.status_code == 200
    assert f"/admin/fleet/{worker.pk}/drain/" not in page.text
    assert viewer.post(f"/admin/fleet/{worker.pk}/drain/").status_code == 403
    assert not is_drained("w1")


def test_who_may_drain_may_without_other_rights(redis_server: RedisServer) -> None:
    worker, operator = beat(), staff_with("view_worker", "drain_worker")
    assert f"/admin/fleet/{worker.pk}/drain/" in operator.get("/admin/fleet/").text
    assert operator.post(f"/admin/fleet/{worker.pk}/drain/").status_code == 302
    assert is_drained("w1")


def test_staff_who_may_not_view_workers_do_not_see_the_fleet() -> None:
    assert staff_with("view_job").get("/admin/fleet/").status_code == 403
