"""What a run and a host may keep on disk, and that nothing of it stays."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.sdk.limits import DISK
from harness.hostile.gptstore_hostile.greedy import OF_DISK
from harness.plugins import HOSTILE
from harness.waiting import wait_until
from tests.worker.hosts.sandbox.conftest import Going
from tests.worker.hosts.sandbox.test_harm import assert_nothing_is_left
from worker.hosts.errors import LimitExceeded
from worker.hosts.sandbox.disk_usage import MAX_DEPTH, bytes_below
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

MB = 1_000_000


@pytest.fixture(scope="module")
def small(open_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """It allows a run 20 MB on disk."""
    return open_sandbox(disk=20 * MB)


@pytest.mark.parametrize("what", OF_DISK)
def test_what_keeps_too_much_ends_alone_and_leaves_nothing(what: str, small: Sandbox) -> None:
    process = small.supervisors[0].process
    neighbours = [Going(small, "repeat", text=f"{number} of three") for number in range(3)]
    going = Going(small, "take", what=what, times=OF_DISK[what], then="stay").end(60)
    assert isinstance(going.raised, LimitExceeded), going.raised
    assert "keep 20 MB on disk here. To allow more is up to the operator" in going.raised.limit.message
    assert "GPTSTORE_TOOL_DISK_MB" in going.raised.limit.message
    assert going.port.text == "before "
    for number, neighbour in enumerate(neighbours):
        assert neighbour.end().port.text == f"{number} of three "
    assert small.supervisors[0].process is process
    small.supervisors[0].folder.sweep()  # what took too long to delete at once
    assert_nothing_is_left(small)


def test_a_tool_can_set_a_lower_limit(small: Sandbox) -> None:
    going = Going(small, "take", disk=5 * MB, what="files", times=10, then="stay").end(60)
    assert isinstance(going.raised, LimitExceeded), going.raised
    assert "keep 5 MB on disk here. To allow more is up to its author (max_disk_mb)" in going.raised.limit.message


@pytest.mark.parametrize("what", ["file", "files"])
def test_a_run_may_keep_what_it_is_allowed(what: str, small: Sandbox) -> None:
    going = Going(small, "take", what=what, times=15).end()
    assert (going.raised, going.port.text) == (None, "before after")


def test_a_host_that_fills_the_disk_at_import_is_ended(
    open_sandbox: Callable[..., Sandbox],
) -> None:
    # When a plugin writes without end while it is imported
    sandbox = open_sandbox(HOSTILE, "hoarder", disk=20 * MB)
    supervisor = sandbox.supervisors[1]
    # Then its host is ended and what it wrote is deleted, and other plugins serve
    assert not supervisor.tools
    wait_until(lambda: bytes_below(supervisor.folder.path, 21 * MB) <= 20 * MB, "an end to its files")
    assert Going(sandbox, "repeat", text="one").end().port.text == "one "
    sandbox.close()
    assert not supervisor.folder.path.exists()


def test_blocks_are_counted_and_entries_and_links_once(tmp_path: Path) -> None:
    assert bytes_below(tmp_path, MB) == 0
    (tmp_path / "file").write_bytes(bytes(100_000))
    usage = bytes_below(tmp_path, MB)
    assert 100_000 <= usage < 110_000
    os.link(tmp_path / "file", tmp_path / "link")
    assert bytes_below(tmp_path, MB) == usage
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 10 * MB)
    assert usage < bytes_below(tmp_path, MB) < usage + 20_000
    assert bytes_below(tmp_path, MB, {"file", "link"}) < 20_000


def test_a_count_stops_where_it_is_too_much(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}").touch()
    assert bytes_below(tmp_path, 10_000) < 20_000
    deep = tmp_path.joinpath(*["d"] * (MAX_DEPTH + 1))
    deep.mkdir(parents=True)
    assert bytes_below(tmp_path, 100 * MB) > 100 * MB
    assert bytes_below(tmp_path / "d", 100 * MB) < 100 * MB


def test_a_limit_of_disk_has_its_setting() -> None:
    assert (DISK.env_field, DISK.own(3)) == ("tool_disk_mb", 3 * MB)
