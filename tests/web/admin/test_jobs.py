"""Jobs in the admin: seen and stopped, never edited, and their texts stay private."""

import pytest
from django.test import Client

from gptstore.jobs.models import Job, Status
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def job() -> Job:
    texts = {"input": {"text": "private words"}, "output": "private answer", "logprobs": '[["private", 0.0, []]]'}
    return make_job(make_user("ada"), make_tool("shout"), **texts)


def test_admins_do_not_see_what_people_enter_and_get(admin: Client, job: Job) -> None:
    page = admin.get(f"/admin/jobs/job/{job.id}/change/").content.decode()
    assert "shout" in page.lower()
    assert "private" not in page


@pytest.mark.parametrize("address", ["add/", "{id}/delete/"])
def test_jobs_are_neither_made_nor_deleted(admin: Client, job: Job, address: str) -> None:
    assert admin.get("/admin/jobs/job/" + address.format(id=job.id)).status_code == 403


def test_a_post_changes_nothing(admin: Client, job: Job) -> None:
    admin.post(f"/admin/jobs/job/{job.id}/change/", {"status": "succeeded", "worker": "me"})
    job.refresh_from_db()
    assert (job.status, job.worker) == (Status.QUEUED, "")


def test_chosen_jobs_are_canceled(admin: Client, job: Job) -> None:
    done = make_job(job.owner, job.tool, Status.SUCCEEDED)
    data = {"action": "cancel_jobs", "_selected_action": [str(job.id), str(done.id)]}
    page = admin.post("/admin/jobs/job/", data, follow=True).content.decode()
    job.refresh_from_db()
    done.refresh_from_db()
    assert (job.status, done.status) == (Status.CANCELED, Status.SUCCEEDED)
    assert "1 job is being canceled." in page
