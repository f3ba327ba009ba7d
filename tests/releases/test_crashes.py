"""Quarantine by crashes: what counts, for whom, and what becomes of the jobs that wait."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle.outcome import JobError
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from gptstore.releases.activation import advance_rollouts
from gptstore.releases.crashes import note_crash
from gptstore.releases.deploy import activate, deploy
from gptstore.releases.models import Crash, Release
from gptstore.releases.quarantine import quarantine, release_from_quarantine
from harness.rows import make_job, make_tool, make_user
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import make_runs

pytestmark = pytest.mark.django_db

TRACE = """Traceback (most recent call last):
  File "/srv/env/lib/python3.11/site-packages/gptstore/sdk/execute.py", line 40, in call
    return tool(**values)
  File "/srv/env/lib/python3.11/site-packages/acme/say.py", line 7, in say
    int("my secret diary")
ValueError: invalid literal for int() with base 10: 'my secret diary'
"""


@pytest.fixture
def old(approved: Approved) -> Release:
    release = approved("1.0")
    activate(deploy(release, None))
    return release


@pytest.fixture
def new(old: Release, approved: Approved) -> Release:
    release = approved("1.1")
    activate(deploy(release, None))
    return release


def crash(owner: User, release: Release, *words: str, code: ErrorCode = ErrorCode.TOOL_CRASHED) -> None:
    for word in words:
        job = make_runs(owner, release, 1, code)[0]
        job.input = {"word": word}
        note_crash(job, JobError(code, "It has a fault.", "ValueError", TRACE))


def is_quarantined(release: Release) -> bool:
    advance_rollouts()
    release.refresh_from_db()
    return release.quarantined_at is not None


def test_a_release_that_crashes_is_quarantined_and_the_last_good_one_takes_over(
    new: Release, ada: User, bob: User
) -> None:
    crash(ada, new, "a", "b")
    crash(bob, new, "c", "d")
    assert not is_quarantined(new)

    crash(bob, new, "e")
    assert is_quarantined(new)
    assert new.quarantine_reason == "5 different inputs of 2 people made it crash within 10 minutes (tool_crashed)."
    assert Tool.objects.get(slug="say").version == "1.0"


def test_the_traceback_is_kept_without_what_was_computed(new: Release, ada: User, bob: User) -> None:
    crash(ada, new, "a", "b", "c")
    crash(bob, new, "d", "e")

    assert is_quarantined(new)
    assert new.quarantine_details == (
        "say: tool_crashed\ngptstore/sdk/execute.py:40 in call\nacme/say.py:7 in say\nValueError"
    )
    assert not any("secret" in str(value) for crash in Crash.objects.values() for value in crash.values())


def test_one_person_cannot_take_a_tool_from_the_others(new: Release, ada: User, bob: User) -> None:
    crash(ada, new, *(f"w{number}" for number in range(50)))
    crash(bob, new, "x")

    assert not is_quarantined(new)


def test_an_input_that_people_pass_on_counts_once(new: Release, ada: User, bob: User) -> None:
    for owner in (ada, bob, make_user("eve"), make_user("carol"), make_user("dan")):
        crash(owner, new, "the famous input", "the other one")

    assert not is_quarantined(new)


def test_staff_alone_are_enough(new: Release, boss: User) -> None:
    crash(boss, new, "a", "b", "c", "d", "e")

    assert is_quarantined(new)


@pytest.mark.parametrize(
    "code", [ErrorCode.TOOL_ERROR, ErrorCode.WORKER_LOST, ErrorCode.ENGINE_ERROR, ErrorCode.REFUSED]
)
def test_other_ends_are_no_crash(new: Release, boss: User, code: ErrorCode) -> None:
    crash(boss, new, *"abcdefgh", code=code)

    assert not is_quarantined(new)


def test_runs_of_tools_that_are_no_releases_are_not_counted(ada: User) -> None:
    note_crash(make_job(ada, make_tool(), Status.FAILED), JobError(ErrorCode.TOOL_CRASHED, ""))

    assert not Crash.objects.exists()


def test_old_crashes_do_not_count_and_are_deleted(new: Release, boss: User) -> None:
    crash(boss, new, *"abcdefgh")
    Crash.objects.update(at=timezone.now() - timedelta(minutes=settings.ENV.crash_minutes, seconds=1))
    assert not is_quarantined(new)

    Crash.objects.update(at=timezone.now() - timedelta(days=31))
    crash(boss, new, "i")
    assert Crash.objects.count() == 1


def test_timeouts_count_unless_the_model_is_slow(new: Release, boss: User, ada: User) -> None:
    slow = make_job(ada, make_tool(), Status.FAILED, error_code=ErrorCode.TIMEOUT)
    crash(boss, new, *"abcdefgh", code=ErrorCode.TIMEOUT)
    assert not is_quarantined(new)

    slow.delete()
    assert is_quarantined(new)


def test_crashes_of_before_a_person_deployed_it_again_are_forgiven(new: Release, boss: User) -> None:
    crash(boss, new, *"abcde")
    assert is_quarantined(new)
    release_from_quarantine(new, boss)
    activate(deploy(new, boss))

    assert not is_quarantined(new)
    crash(boss, new, *"abcde")
    assert is_quarantined(new)


def test_queued_runs_move_to_the_live_release(old: Release, new: Release, ada: User) -> None:
    queued = submit(ada, Tool.objects.get(slug="say"), {"word": "a"})
    running = make_job(ada, queued.tool, Status.RUNNING, release=new.key, input={"word": "a"})

    quarantine(new, "It crashed.")

    queued.refresh_from_db()
    running.refresh_from_db()
    assert (queued.release, queued.tool_version, queued.status) == (old.key, "1.0", Status.QUEUED)
    assert running.release == new.key
    Job.objects.filter(pk=running.pk).update(status=Status.QUEUED)  # its worker gave it back
    advance_rollouts()
    running.refresh_from_db()
    assert running.release == old.key


def test_a_pinned_run_ends_with_the_version_that_it_named(new: Release, ada: User) -> None:
    pinned = submit(ada, Tool.objects.get(slug="say"), {"word": "a"}, pinned=True)

    quarantine(new, "It crashed.")

    pinned.refresh_from_db()
    assert (pinned.status, pinned.error_code) == (Status.FAILED, ErrorCode.TOOL_MISSING)
    assert "Version 1.1" in pinned.error_message


def test_a_run_ends_whose_input_the_live_release_does_not_take(new: Release, ada: User) -> None:
    queued = submit(ada, Tool.objects.get(slug="say"), {"word": "a"})
    Job.objects.update(input={"word": 7})

    quarantine(new, "It crashed.")

    queued.refresh_from_db()
    assert (queued.status, queued.release) == (Status.FAILED, new.key)


def test_queued_runs_end_when_nothing_takes_over(old: Release, ada: User) -> None:
    queued = submit(ada, Tool.objects.get(slug="say"), {"word": "a"})

    quarantine(old, "It crashed.")

    queued.refresh_from_db()
    assert queued.status == Status.FAILED
