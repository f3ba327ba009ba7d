"""Which releases keep a process without a run: the most used ones, as many as there is room for."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from gptstore.jobs.release_usage import most_used_releases
from harness.rows import make_tool, make_user
from worker.process import warmup
from worker.process.warmup import MAX_WARM_WHEN_SHORT, MIN_AVAILABLE, Warmup

pytestmark = pytest.mark.django_db


@dataclass
class FakeHosts:
    """Hosts that are woken, or not yet. bounds: how many might run at each step."""

    is_free: bool = True
    woken: list[str] = field(default_factory=list)
    bounds: list[int] = field(default_factory=list)

    def end_idle(self, most: int) -> None:
        self.bounds.append(most)

    def wake(self, release: str, most: int) -> bool:
        if self.is_free:
            self.woken.append(release)
        return self.is_free


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    found = {"bytes": MIN_AVAILABLE}
    monkeypatch.setattr(warmup, "available_bytes", lambda: found["bytes"])
    return found


def run_often(**runs: int) -> None:
    owner: User = make_user("ada")
    tool: Tool = make_tool()
    for release, count in runs.items():
        for _ in range(count):
            Job.objects.create(owner=owner, tool=tool, input={}, release=release if release != "none" else "")


def test_releases_are_ordered_by_their_newest_jobs() -> None:
    run_often(rare=1, none=5, often=3, sometimes=2)
    assert most_used_releases() == ["often", "sometimes", "rare"]


def test_what_is_used_is_started_one_after_the_other_once_all_is_there(room: dict[str, int]) -> None:
    run_often(rare=1, often=3, sometimes=2)
    hosts: Any = FakeHosts()
    warm = Warmup(hosts, most=2)
    # While releases are verified, nothing is started
    warm.step(is_quiet=False)
    assert hosts.woken == []
    # Then one at a step, when the one before is ready, and no more than may run
    warm.step(is_quiet=True)
    assert hosts.woken == ["often"]
    hosts.is_free = False
    warm.step(is_quiet=True)
    hosts.is_free = True
    for _ in range(3):
        warm.step(is_quiet=True)
    assert hosts.woken == ["often", "sometimes"]
    assert set(hosts.bounds) == {2}


def test_without_memory_nothing_is_started_and_few_go_on(room: dict[str, int]) -> None:
    run_often(often=1)
    hosts: Any = FakeHosts()
    warm = Warmup(hosts, most=16)
    room["bytes"] = MIN_AVAILABLE - 1
    warm.step(is_quiet=True)
    assert (hosts.woken, hosts.bounds) == ([], [MAX_WARM_WHEN_SHORT])
    room["bytes"] = MIN_AVAILABLE
    warm.step(is_quiet=True)
    assert (hosts.woken, hosts.bounds[-1]) == (["often"], 16)
