"""How much memory a run may take, which is bounded in the sandbox only."""

import os

import pytest

from gptstore.sdk.limits import MEMORY
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.errors import LimitExceeded
from worker.hosts.limit import Limit
from worker.hosts.sandbox.memory import Memory, bound_memory, held_by
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

MB = 1_000_000


@pytest.mark.parametrize("what", ["memory", "crumbs"])
@pytest.mark.parametrize(
    ("own", "words"),
    [
        (50 * MB, "50 MB of memory here. To allow more is up to its author (max_memory_mb)"),
        (
            5000 * MB,
            "400 MB of memory here. To allow more is up to the operator of this site (GPTSTORE_TOOL_MEMORY_MB)",
        ),
        (None, "400 MB of memory here. To allow more is up to the operator of this site (GPTSTORE_TOOL_MEMORY_MB)"),
    ],
)
def test_what_takes_too_much_ends_alone(what: str, own: int | None, words: str, sandbox: Sandbox) -> None:
    process = sandbox.supervisors[0].process
    neighbours = [Going(sandbox, "repeat", text=f"{number} of three") for number in range(3)]
    going = Going(sandbox, "take", own, what=what).end()
    assert isinstance(going.raised, LimitExceeded), going.raised
    assert words in going.raised.limit.message
    assert going.port.text == "before "
    for number, neighbour in enumerate(neighbours):
        assert neighbour.end().port.text == f"{number} of three "
    assert sandbox.supervisors[0].process is process


@pytest.mark.parametrize("megabytes", [16, 50])
def test_a_run_may_take_what_its_author_said_beyond_what_its_plugin_holds(megabytes: int, sandbox: Sandbox) -> None:
    enough = Going(sandbox, "take", megabytes * MB, what="memory", times=megabytes - 6).end()
    assert (enough.raised, enough.port.text) == (None, "before after")
    too_much = Going(sandbox, "take", megabytes * MB, what="memory", times=megabytes).end()
    assert isinstance(too_much.raised, LimitExceeded)


def test_the_least_that_a_tool_can_say_is_enough_for_the_longest_input(sandbox: Sandbox) -> None:
    going = Going(sandbox, "take", 16 * MB, what="lines", times=1, text="汉" * 660_000).end()
    assert (going.raised, going.port.text) == (None, "before after")


def test_a_tool_that_makes_do_with_what_it_has_goes_on(sandbox: Sandbox) -> None:
    going = Going(sandbox, "take", 20 * MB, what="memory", times=40, then="go on").end()
    assert (going.raised, going.port.text) == (None, "before after")


@pytest.mark.parametrize(
    ("own", "held", "expected"),
    [
        (None, 0, Memory(0, Limit(MEMORY, None, 400 * MB))),
        (50 * MB, 100 * MB, Memory(150 * MB, Limit(MEMORY, 50 * MB, 400 * MB))),
        (300 * MB, 100 * MB, Memory(400 * MB, Limit(MEMORY, 300 * MB, 400 * MB))),
        (301 * MB, 100 * MB, Memory(0, Limit(MEMORY, None, 400 * MB))),
    ],
)
def test_the_tools_bound_counts_where_the_host_has_room_for_it(own: int | None, held: int, expected: Memory) -> None:
    assert bound_memory(own, held, 400 * MB) == expected


def test_what_a_process_holds_is_told_by_the_kernel() -> None:
    assert held_by(os.getpid()) > 10 * MB
