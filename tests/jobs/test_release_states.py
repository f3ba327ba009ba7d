"""What workers report of a change of the releases, and the wait for all of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gptstore.jobs.models import Worker
from gptstore.jobs.release_states import BLIND, SILENT_AFTER, WorkerState, running, wait_for
from gptstore.jobs.workers import WorkerInfo, beat

pytestmark = pytest.mark.django_db


def add_worker(name: str, releases: dict[str, str] | None, **values: Any) -> None:
    beat(WorkerInfo(name, "m", True, 1, 1024, "cpu", [], releases=releases, **values))


@pytest.mark.parametrize(
    ("releases", "state", "reason"),
    [
        ({"new@1": ""}, "ready", ""),
        ({"new@1": "It has no wheel.", "old@1": ""}, "waiting", ""),
        ({"new@1": "It has no wheel."}, "refused", "It has no wheel."),
        ({"new@0": ""}, "waiting", ""),
        ({}, "waiting", ""),
        (None, "refused", BLIND),
    ],
)
def test_a_worker_has_the_change_when_it_runs_what_is_new_and_nothing_of_what_is_gone(
    releases: dict[str, str] | None, state: Any, reason: str
) -> None:
    add_worker("w1", releases)
    assert wait_for({"new@1"}, {"old@1"}, 0) == [WorkerState("w1", state, reason)]


def test_a_worker_without_a_sandbox_says_why_it_runs_no_release() -> None:
    add_worker("w1", None, refused={"releases": "They run in the sandbox only."})
    assert wait_for({"new@1"}, (), 60) == [WorkerState("w1", "refused", "They run in the sandbox only.")]


def test_nobody_waits_for_a_worker_that_fell_silent() -> None:
    add_worker("w1", {"new@1": ""})
    add_worker("w2", {})
    Worker.objects.filter(name="w2").update(last_seen_at=timezone.now() - SILENT_AFTER - timedelta(seconds=1))
    assert wait_for({"new@1"}, (), 60) == [WorkerState("w1", "ready")]


def test_without_a_worker_nobody_waits() -> None:
    assert wait_for({"new@1"}, (), 60) == []


def test_only_workers_that_take_its_runs_run_a_release() -> None:
    add_worker("w1", {"old@1": "", "other@1": ""})
    add_worker("w2", {"old@1": "It has no wheel."})
    add_worker("w3", {"other@1": ""})
    add_worker("w4", None)
    assert running(["old@1", "older@1"]) == ["w1"]
