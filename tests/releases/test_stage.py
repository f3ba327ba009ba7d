"""What an author reads about a release."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from gptstore.accounts.models import User
from gptstore.releases.activation import advance_rollouts
from gptstore.releases.canary import start_canary
from gptstore.releases.deploy import activate, deploy, roll_back, take_down
from gptstore.releases.models import Release
from gptstore.releases.quarantine import quarantine, yank
from gptstore.releases.review import reject
from gptstore.releases.stage import open_deployment, stage_of, stages_of
from gptstore.releases.submit import submit
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import report

pytestmark = pytest.mark.django_db


def read(release: Release) -> tuple[str, str, str]:
    stage = stage_of(Release.objects.get(pk=release.pk))
    return stage.name, stage.text, stage.reason


def test_before_it_is_approved(ada: User, boss: User, bundle: Callable[[str], Path]) -> None:
    release = submit(bundle("1.0"), ada)
    for status, text in (("submitted", "Submitted"), ("checking", "Being checked"), ("in_review", "In review")):
        Release.objects.update(status=status)
        assert read(release) == (status, text, "")

    reject(release, boss, "It prints a lot.")
    assert read(release) == ("rejected", "Rejected", "It prints a lot.")


def test_on_its_way_to_the_workers(approved: Approved, boss: User) -> None:
    release = approved("1.0")
    assert read(release) == ("approved", "Approved, not deployed", "")
    deploy(release, boss)
    assert read(release) == ("installing", "Waits for a worker", "")
    for name in ("w1", "w2", "w3"):
        report(name)
    report("w1", (release, "It needs numpy."))
    assert read(release) == ("installing", "Installing on 2 of 3 workers", "")

    report("w2", (release, ""))
    advance_rollouts()
    assert read(release) == ("live", "Live on 1 of 3 workers", "")
    assert [(one.worker, one.state, one.reason) for one in stage_of(release).workers] == [
        ("w1", "refused", "It needs numpy."),
        ("w2", "ready", ""),
        ("w3", "waiting", ""),
    ]
    assert (found := open_deployment(release.plugin)) and found.release == release


def test_a_canary(approved: Approved, boss: User) -> None:
    old, new = approved("1.0"), approved("1.1")
    activate(deploy(old, boss))
    report("w1", (old, ""))
    report("w2", (old, ""))
    start_canary(new, boss, worker="w2")
    assert read(new)[:2] == ("installing", "Installing on 1 of 1 worker")

    report("w2", (old, ""), (new, ""))
    advance_rollouts()
    advance_rollouts()
    name, text, reason = read(new)
    assert (name, text) == ("canary", "Tried on w2 with 10 % of the runs")
    assert "It takes 20 runs of each to compare them." in reason


def test_after_it_was_live(approved: Approved, boss: User) -> None:
    old, new = approved("1.0"), approved("1.1")
    activate(deploy(old, boss))
    activate(deploy(new, boss))
    assert read(old)[0] == "replaced"
    roll_back(new.plugin, boss, "It is slow.")
    assert read(new) == ("rolled_back", "Rolled back", "It is slow.")
    quarantine(new, "It crashed.")
    assert read(new) == ("quarantined", "In quarantine", "It crashed.")
    take_down(old.plugin, boss)
    assert read(old)[0] == "replaced"
    yank(old, boss)
    assert read(old)[0] == "yanked"


def test_many_releases_take_as_many_queries_as_one(
    approved: Approved, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    releases = [approved(f"1.{number}") for number in range(4)]
    for release in releases:
        activate(deploy(release, None))

    with django_assert_num_queries(5):
        stages = stages_of(releases)
    assert [stage.name for stage in stages.values()] == ["replaced", "replaced", "replaced", "live"]
