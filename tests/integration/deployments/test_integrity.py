"""What is on a worker's disk is what was approved, before each start of a process, or does not run."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit as submit_job
from gptstore.jobs.models import Worker
from gptstore.releases.deploy import roll_back
from gptstore.releases.models import Release
from harness.waiting import wait_until
from tests.integration.deployments.conftest import Approved, Run
from tests.integration.deployments.fleet import (
    Fleet,
    flip,
    go_live,
    output_of,
    reports,
    state_of,
    wait_ready,
    wait_refused,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]


def host_of(fleet: Fleet, release: Release) -> int:
    """Return the process of the release's host, which runs the Python of its environment."""
    python = str(fleet.module_of(release).parents[3] / "bin" / "python").encode()
    found = [int(one.parent.name) for one in Path("/proc").glob("[0-9]*/cmdline") if command_of(one)[0] == python]
    return min(found)


def command_of(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\0")
    except OSError:
        return [b""]


def test_one_other_byte_on_disk_keeps_a_release_from_running(fleet: Fleet, approved: Approved, start: Run) -> None:
    # Given two releases of a plugin, of which the first one is kept for a rollback, and another plugin
    first, second, other = approved("safe", "1.0"), approved("safe", "2.0"), approved("beside", "1.0")
    for release in (first, second, other):
        go_live(release)
    wait_until(lambda: state_of(first) is None, lambda: f"the first one to drain: {reports()}")
    # When a byte of its code changes before the rollback
    undo = flip(fleet.module_of(first))
    roll_back(first.plugin, None)
    # Then it does not run, and says why
    wait_refused(first, "acme_safe.py was damaged or changed")
    job = submit_job(User.objects.get(username="ada"), Tool.objects.get(slug="safe"), {})
    # Until it is as it was, when the job that waited runs
    undo()
    assert output_of(job) == "1.0"
    # When a byte of its bundle changes, and its host's process has to be started once more
    undo = flip(fleet.bundle_of(first))
    os.kill(host_of(fleet, first), signal.SIGKILL)
    # Then it does not start
    wait_refused(first, "bundle on this worker's disk was damaged or changed")
    undo()
    wait_ready(first)
    # When a byte changes while there is no worker
    fleet.worker.stop()
    undo = flip(fleet.module_of(first))
    fleet.restart()
    # Then the next worker does not run it either, but what else there is
    wait_refused(first, "acme_safe.py was damaged or changed")
    wait_ready(other)
    assert output_of(start("beside")) == "1.0"
    # And it is built anew when it is deleted, as it says
    environment = fleet.module_of(first).parents[3]
    assert f"Delete {environment}" in (state_of(first) or "")
    environment.rename(fleet.folder / "gone")
    wait_ready(first)
    assert output_of(start("safe")) == "1.0"


def test_a_release_that_nobody_trusts_any_more_is_stopped(fleet: Fleet, approved: Approved, settings: Any) -> None:
    release = approved("trusted", "1.0")
    go_live(release)
    keys: Path = settings.ENV.trusted_keys_file
    text = keys.read_text()
    keys.write_text(f"{text}revoked {release.sha256}\n")

    wait_refused(release, "It was revoked.")
    wait_until(lambda: "trusted" not in Worker.objects.get().tools, "its tools to be gone")
    keys.write_text(text)
    wait_ready(release)
