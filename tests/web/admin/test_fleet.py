"""The fleet page: every worker with its state, releases by worker, and who may drain one."""

import pytest
from django.test import Client

from gptstore.jobs import workers
from gptstore.jobs.workers import WorkerInfo
from harness.rows import make_user

pytestmark = pytest.mark.django_db


def test_smoke(client: Client) -> None:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    page = client.get("/admin/fleet/")
    assert page.status_code == 200
    workers.beat(WorkerInfo("w1", "m", True, 1, 1024, "cpu", ["echo"], sandbox_missing=["x"], releases={"k": "log"}))
    assert client.get("/admin/fleet/").status_code == 200
    assert client.get("/admin/fleet/?live").status_code == 200
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/dashboard/").status_code == 200
