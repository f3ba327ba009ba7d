"""What holds after any moves of deployments, in any order."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptstore.accounts.models import User
from gptstore.audit.chain import verify as verify_audit
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from gptstore.releases.activation import advance_rollouts
from gptstore.releases.canary import start_canary
from gptstore.releases.deploy import abandon, activate, deploy, last_good, roll_back, take_down
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Deployment, DeploymentState, Plugin, Release
from gptstore.releases.quarantine import quarantine, release_from_quarantine, yank
from gptstore.releases.wanted import wanted_by
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import report

pytestmark = pytest.mark.django_db
VERSIONS = 3


def go_live(release: Release, by: User) -> None:
    activate(deploy(release, by))


def share(release: Release, by: User) -> None:
    """Bring a canary to where it gets its share of runs."""
    report("w1", *((one, "") for one in release.plugin.releases.all()))
    start_canary(release, by)
    advance_rollouts()


MOVES: dict[str, Callable[[Release, User], object]] = {
    "deploy": deploy,
    "go_live": go_live,
    "share": share,
    "start_canary": start_canary,
    "advance": lambda release, by: advance_rollouts(),
    "worker_ready": lambda release, by: report("w1", (release, "")),
    "worker_refuses": lambda release, by: report("w1", (release, "No.")),
    "activate": lambda release, by: [activate(one) for one in release.deployments.all()],
    "abandon": lambda release, by: [abandon(one, "It is bad.") for one in release.deployments.all()],
    "roll_back": lambda release, by: roll_back(release.plugin, by),
    "quarantine": lambda release, by: quarantine(release, "It crashed."),
    "end_quarantine": release_from_quarantine,
    "yank": yank,
    "take_down": lambda release, by: take_down(release.plugin, by),
    "submit": lambda release, by: [submit(by, tool, {"word": "a"}) for tool in Tool.objects.listed()],
}
Walk = list[tuple[str, int]]


def check(plugin: Plugin) -> None:
    plugin.refresh_from_db()
    opened = Deployment.objects.filter(plugin=plugin, ended_at=None)
    assert opened.count() <= 1
    assert plugin.live is None or plugin.live.is_deployable
    assert all(one.release is None or one.release.is_deployable for one in opened)
    tools = Tool.objects.filter(plugin=plugin.name, installed=True).exclude(release="")
    assert [tool.release for tool in tools] == ([plugin.live.key] if plugin.live else [])
    wanted = [one.release for one in wanted_by("w1")]
    assert plugin.live is None or plugin.live in wanted
    assert all(release.is_deployable for release in wanted)
    if (current := opened.first()) and current.state == DeploymentState.LIVE:
        assert current.release == plugin.live
    shared = [tool.canary["key"] for tool in Tool.objects.exclude(canary=None) if tool.canary]
    canaries = opened.filter(canary_since__isnull=False, state=DeploymentState.ROLLING_OUT)
    assert shared == [*canaries.values_list("release__key", flat=True)]
    assert (good := last_good(plugin)) is None or was_live(good)
    dead = [release.key for release in Release.objects.all() if not release.is_deployable]
    assert not Job.objects.filter(status=Status.QUEUED, release__in=dead).exists()


def was_live(release: Release) -> bool:
    went_live = AuditEvent.objects.filter(action__in=["release.live", "release.roll_back"], target=str(release))
    return went_live.exists()


def test_any_walk_keeps_the_plugin_sound(approved: Approved, boss: User) -> None:
    releases = [approved(f"1.{number}") for number in range(VERSIONS)]
    plugin = releases[0].plugin

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(0, VERSIONS - 1)), min_size=6, max_size=20))
    def walk(moves: Walk) -> None:
        with transaction.atomic():
            for name, number in moves:
                with suppress(ReleaseError):
                    MOVES[name](Release.objects.get(pk=releases[number].pk), boss)
                check(plugin)
            verify_audit()
            transaction.set_rollback(True)

    walk()
