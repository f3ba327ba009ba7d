"""A canary, from its share of runs to its verdict."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.canary_share import is_chosen
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status, Worker
from gptstore.releases.activation import advance_rollouts
from gptstore.releases.canary import start_canary
from gptstore.releases.deploy import activate, deploy, roll_back
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Deployment, DeploymentState, Release, Strategy
from gptstore.releases.quarantine import quarantine
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import make_runs, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(approved: Approved) -> Release:
    release = approved("1.0")
    activate(deploy(release, None))
    return release


@pytest.fixture
def new(approved: Approved) -> Release:
    return approved("1.1")


@pytest.fixture
def canary(old: Release, new: Release, boss: User) -> Deployment:
    """Start a canary on w2, which is ready: it gets its share from now on."""
    report("w1", (old, ""))
    report("w2", (old, ""))
    deployment = start_canary(new, boss, share=20, worker="w2")
    report("w2", (old, ""), (new, ""))
    advance_rollouts()
    end_examples()
    return deployment


def end_examples(**values: str) -> int:
    ended = {"status": Status.SUCCEEDED, "started_at": timezone.now(), "completed_at": timezone.now(), **values}
    return Job.objects.filter(pinned=True).update(**ended)


def verdict(canary: Deployment) -> Deployment:
    advance_rollouts()
    canary.refresh_from_db()
    return canary


def say(owner: User) -> Job:
    return submit(owner, Tool.objects.get(slug="say"), {"word": "a"})


def test_the_share_begins_when_its_worker_is_ready(old: Release, new: Release, boss: User, ada: User) -> None:
    report("w1", (old, ""))
    start_canary(new, boss, share=50)
    advance_rollouts()
    assert Tool.objects.get(slug="say").canary is None

    report("w1", (old, ""), (new, ""))
    advance_rollouts()
    versions = [say(ada).tool_version for _ in range(200)]
    assert {*versions} == {"1.0", "1.1"}
    assert 60 < versions.count("1.1") < 140
    assert Tool.objects.get(slug="say").release == old.key


def test_a_share_depends_on_the_job_alone(canary: Deployment, new: Release, ada: User) -> None:
    jobs = [say(ada) for _ in range(60)]

    assert [job.release == new.key for job in jobs] == [is_chosen(job.id, new.key, 20) for job in jobs]
    assert sum(is_chosen(job.id, new.key, 100) for job in jobs) == 60


def test_a_pinned_run_is_never_the_canarys(canary: Deployment, ada: User) -> None:
    tool = Tool.objects.get(slug="say")

    assert {submit(ada, tool, {"word": "a"}, pinned=True).tool_version for _ in range(60)} == {"1.0"}


def test_an_input_that_the_canary_does_not_take_is_the_live_ones(canary: Deployment, ada: User) -> None:
    tool = Tool.objects.get(slug="say")
    assert tool.canary
    tool.canary["tool"]["input_schema"] = {"type": "object", "required": ["other"], "properties": {}}
    tool.canary["share"] = 100
    tool.save()

    assert say(ada).tool_version == "1.0"


def test_a_good_canary_goes_live_everywhere(canary: Deployment, old: Release, new: Release, ada: User) -> None:
    make_runs(ada, new, 20)
    make_runs(ada, old, 80)

    canary = verdict(canary)

    assert (canary.state, canary.strategy, canary.share) == (DeploymentState.LIVE, Strategy.ALL, 100)
    assert canary.outcome.startswith("Canary: 20 runs, 0 failed")
    tool = Tool.objects.get(slug="say")
    assert (tool.release, tool.canary) == (new.key, None)


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        ([("tool_crashed", 6, 2), ("", 14, 2)], "It crashes more often."),
        ([("timeout", 6, 2), ("", 14, 2)], "It crashes more often."),
        ([("tool_error", 8, 2), ("", 12, 2)], "It fails more often."),
        ([("", 12, 2), ("", 8, 9)], "It is slower."),
    ],
)
def test_a_worse_canary_is_rolled_back(
    canary: Deployment, old: Release, new: Release, ada: User, runs: list[tuple[str, int, float]], reason: str
) -> None:
    make_runs(ada, old, 76)
    make_runs(ada, old, 4, "tool_error")
    for code, count, seconds in runs:
        make_runs(ada, new, count, code, seconds=seconds)

    canary = verdict(canary)

    assert (canary.state, canary.outcome.split(" Canary:")[0]) == (DeploymentState.ROLLED_BACK, reason)
    tool = Tool.objects.get(slug="say")
    assert (tool.release, tool.canary) == (old.key, None)
    assert AuditEvent.objects.filter(action="release.abandon", target="acme-tool 1.1").exists()


@pytest.mark.parametrize("code", ["engine_error", "out_of_memory", "refused", "internal_error"])
def test_what_the_store_did_counts_for_neither(
    canary: Deployment, old: Release, new: Release, ada: User, code: str
) -> None:
    make_runs(ada, old, 80)
    make_runs(ada, new, 20)
    make_runs(ada, new, 30, code)

    assert verdict(canary).state == DeploymentState.LIVE


def test_too_few_runs_are_no_verdict_until_the_time_is_over(
    canary: Deployment, old: Release, new: Release, ada: User
) -> None:
    make_runs(ada, new, 19)
    make_runs(ada, old, 80)
    assert verdict(canary).state == DeploymentState.ROLLING_OUT
    assert "It takes 20 runs" in canary.outcome

    Deployment.objects.update(canary_since=timezone.now() - timedelta(minutes=settings.ENV.canary_minutes, seconds=1))
    assert verdict(canary).state == DeploymentState.ROLLED_BACK
    assert "could not be judged within 60 minutes" in canary.outcome


def test_runs_of_before_do_not_count(canary: Deployment, old: Release, new: Release, ada: User) -> None:
    make_runs(ada, new, 30)
    make_runs(ada, old, 80)
    Deployment.objects.update(canary_since=timezone.now() + timedelta(seconds=30))

    assert verdict(canary).outcome.endswith(
        "Canary: 0 runs, 0 failed, 0 of them crashed. Live: 0 runs, 0 failed, 0 of them crashed."
    )


def test_its_examples_run_once_and_have_to_end_well(canary: Deployment, old: Release, new: Release, ada: User) -> None:
    examples = Job.objects.filter(pinned=True)
    count = len(new.manifest["tools"][0]["examples"])
    assert [job.release for job in examples] == [new.key] * count and count
    make_runs(ada, new, 20)
    make_runs(ada, old, 80)
    examples.update(status=Status.RUNNING)
    assert verdict(canary).state == DeploymentState.ROLLING_OUT

    end_examples(status=Status.FAILED, error_code="tool_crashed", error_message="The tool stopped.")
    assert verdict(canary).state == DeploymentState.ROLLED_BACK
    assert canary.outcome == "An example of say failed: The tool stopped."
    assert examples.count() == count


def test_a_canary_whose_worker_is_gone_is_rolled_back_and_its_jobs_move(
    canary: Deployment, old: Release, new: Release, ada: User
) -> None:
    jobs = [say(ada) for _ in range(60)]
    assert {job.release for job in jobs} == {old.key, new.key}
    Worker.objects.filter(name="w2").delete()

    assert verdict(canary).outcome == "Its worker w2 is gone."
    assert {*Job.objects.filter(status=Status.QUEUED).values_list("release", "tool_version")} == {(old.key, "1.0")}


def test_a_canary_that_its_worker_refuses_is_rolled_back(old: Release, new: Release, boss: User) -> None:
    report("w1")
    canary = start_canary(new, boss)
    report("w1", (new, "It needs numpy."))

    assert verdict(canary).outcome == "w1 does not take it: It needs numpy."


def test_a_canary_that_is_never_installed_is_rolled_back(old: Release, new: Release, boss: User) -> None:
    report("w1")
    canary = start_canary(new, boss)
    assert verdict(canary).state == DeploymentState.ROLLING_OUT

    Deployment.objects.filter(pk=canary.pk).update(at=timezone.now() - timedelta(minutes=31))
    assert verdict(canary).state == DeploymentState.ROLLED_BACK


@pytest.mark.parametrize("end", [lambda new: roll_back(new.plugin, None), lambda new: quarantine(new, "It crashed.")])
def test_whoever_ends_a_canary_ends_its_share(
    canary: Deployment, old: Release, new: Release, ada: User, end: Callable[[Release], object]
) -> None:
    jobs = [say(ada) for _ in range(60)]
    end(new)

    assert Tool.objects.get(slug="say").canary is None
    assert not Job.objects.filter(id__in=[job.id for job in jobs], release=new.key).exists()
    assert {say(ada).tool_version for _ in range(30)} == {"1.0"}


def test_a_canary_goes_on_beside_the_release_that_takes_over(
    canary: Deployment, old: Release, new: Release, boss: User, approved: Approved
) -> None:
    roll_back(old.plugin, boss)
    activate(deploy(approved("1.2"), None))
    canary = start_canary(new, boss, share=20, worker="w2")
    advance_rollouts()
    assert Tool.objects.get(slug="say").canary

    quarantine(Release.objects.get(version="1.2"), "It crashed.")
    assert Tool.objects.get(slug="say").release == old.key
    assert verdict(canary).state == DeploymentState.ROLLING_OUT
    assert Tool.objects.get(slug="say").canary

    quarantine(old, "It crashed.")
    canary.refresh_from_db()
    assert canary.state == DeploymentState.ROLLED_BACK
    assert not Tool.objects.get(slug="say").is_listed


def test_a_canary_is_refused_where_it_makes_no_sense(old: Release, new: Release, boss: User) -> None:
    with pytest.raises(ReleaseError, match="No worker is online"):
        start_canary(new, boss)
    report("w1")
    for release, share, worker, said in (
        (old, 10, "", "another live release"),
        (new, 51, "", "1 to 50 percent"),
        (new, 0, "", "1 to 50 percent"),
        (new, 10, "w9", "not online"),
    ):
        with pytest.raises(ReleaseError, match=said):
            start_canary(release, boss, share=share, worker=worker)


def test_the_worker_with_the_fewest_slots_is_chosen(old: Release, new: Release, boss: User) -> None:
    report("w1", slots=8)
    report("w2", slots=2)
    report("w3", slots=8)

    assert start_canary(new, boss).canary_worker == "w2"
