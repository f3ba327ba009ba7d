"""The check of a release on a worker: who holds it, what is kept of it, and what comes of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.releases.check_report import CheckReport, ExampleReport, Ran
from gptstore.releases.checks import MAX_ATTEMPTS, MAX_LINE, MAX_LOG, add_line, claim, conclude
from gptstore.releases.models import Check, Release, ReleaseStatus
from gptstore.releases.submit import submit

pytestmark = pytest.mark.django_db
FAILED = CheckReport(worker="w1", examples=[ExampleReport(tool="say", title="A word", new=Ran(error="It crashed."))])


@pytest.fixture
def release(ada: User, bundle: Callable[[str], Path]) -> Release:
    return submit(bundle("1.0"), ada)


def take(worker: str = "w1") -> Check:
    check = claim(worker)
    assert check is not None
    return check


def let_expire() -> None:
    Check.objects.update(lease_expires_at=Now() - timedelta(seconds=1))


def status() -> str:
    return Release.objects.get().status


def test_one_worker_holds_the_check(release: Release) -> None:
    assert take("w1").release == release

    assert claim("w2") is None
    assert status() == ReleaseStatus.CHECKING


def test_the_oldest_is_checked_first(ada: User, bundle: Callable[[str], Path]) -> None:
    for version in ("1.0", "0.9", "1.1"):
        submit(bundle(version), ada)

    assert [take().release.version for _ in range(3)] == ["1.0", "0.9", "1.1"]


def test_the_log_grows_while_the_check_runs(release: Release) -> None:
    check = take()
    add_line(check, "unpacked")
    add_line(check, "two\nlines, and a long one: " + "x" * MAX_LINE)

    check.refresh_from_db()
    first, second, end = check.log.split("\n")
    assert (first, end) == ("unpacked", "")
    assert second.startswith("two lines") and len(second) == MAX_LINE
    for _ in range(MAX_LOG // MAX_LINE + 2):
        add_line(check, "y" * MAX_LINE)
    check.refresh_from_db()
    assert len(check.log) == MAX_LOG


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (CheckReport(worker="w1"), ReleaseStatus.IN_REVIEW),
        (FAILED, ReleaseStatus.IN_REVIEW),
        (CheckReport(fault="It cannot be imported."), ReleaseStatus.REJECTED),
    ],
)
def test_people_decide_about_all_that_can_run(release: Release, report: CheckReport, expected: str) -> None:
    assert conclude(take(), report)

    assert status() == expected
    assert CheckReport.model_validate(Check.objects.get().report) == report
    assert AuditEvent.objects.latest("number").action == "release.check"


@pytest.mark.parametrize(
    ("new", "live", "more"),
    [
        ({"files": 2, "network": 1}, {"files": 2}, {"network": 1}),
        ({"files": 5}, {"files": 2, "network": 1}, {"files": 3}),
        ({"files": 1}, None, {}),
        (None, {"files": 1}, {}),
    ],
)
def test_denied_calls_are_compared_where_both_were_counted(
    new: dict[str, int] | None, live: dict[str, int] | None, more: dict[str, int]
) -> None:
    example = ExampleReport(tool="say", title="", new=Ran(denied=new), live=Ran(denied=live))

    assert example.more_denied == more
    assert ExampleReport(tool="say", title="", new=Ran(denied=new)).more_denied == {}


def test_a_worker_that_lost_its_check_writes_nothing(release: Release) -> None:
    lost = take("w1")
    let_expire()
    again = take("w2")

    assert not add_line(lost, "I am back")
    assert not conclude(lost, CheckReport(fault="I am back"))
    assert conclude(again, CheckReport(worker="w2"))
    assert not conclude(again, CheckReport(fault="twice"))
    assert (status(), Check.objects.get().log) == (ReleaseStatus.IN_REVIEW, "")


def test_a_line_renews_the_lease(release: Release) -> None:
    check = take("w1")
    let_expire()
    add_line(check, "still here")

    assert claim("w2") is None


def test_a_release_that_takes_workers_down_is_given_up(release: Release) -> None:
    for _ in range(MAX_ATTEMPTS):
        take()
        let_expire()

    assert claim("w1") is None
    assert status() == ReleaseStatus.REJECTED
    assert "given up" in Check.objects.get().report["fault"]
