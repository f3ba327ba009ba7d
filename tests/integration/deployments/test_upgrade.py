"""What the database wants runs on the workers: exactly that, and nothing that was not approved."""

import time

import pytest

from gptstore.jobs.models import Worker
from gptstore.releases.deploy import roll_back
from harness.waiting import wait_until
from tests.integration.deployments.conftest import Approved, Run
from tests.integration.deployments.fleet import Fleet, go_live, output_of, reports, state_of
from tests.integration.releases import DRIP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]


def test_a_release_goes_from_its_bundle_to_a_run_and_is_upgraded_while_jobs_run(
    fleet: Fleet, approved: Approved, start: Run
) -> None:
    # Given a live release, and a job of it that runs
    first, second = approved("drip", "1.0", DRIP), approved("drip", "2.0", DRIP)
    go_live(first)
    old = [start("drip") for _ in range(3)]
    # When the next release is deployed, which is live once it is ready
    go_live(second)
    new = start("drip")
    # Then both serve at the same time, each the jobs that were submitted to it
    assert (state_of(first), state_of(second)) == ("", "")
    fleet.stop_drips("acme-drip")
    for job, release in [*((job, first) for job in old), (new, second)]:
        assert output_of(job).endswith(f"end of {release.version}")
        assert (job.release, job.attempt) == (release.key, 1)
        assert {word for word in job.output.split() if word[0].isdigit()} == {release.version}
    # And the first one has no process any more, but is built
    wait_until(lambda: state_of(first) is None, lambda: f"the first one to drain: {reports()}")
    assert Worker.objects.get().installs[first.key]["step"] == "built"
    # When it is rolled back to
    began = time.monotonic()
    roll_back(first.plugin, None)
    again = start("drip")
    took = time.monotonic() - began
    fleet.stop_drips("acme-drip")
    assert output_of(again).endswith("end of 1.0")
    assert took < 30, "tests share their machine: this only catches a new build, or a missed change"
    # And all of that was one worker, which loaded its model once
    assert fleet.worker.text.count("model_loaded") == fleet.worker.text.count("worker_ready")


def test_a_worker_that_joins_late_takes_what_is_live(fleet: Fleet, approved: Approved) -> None:
    release = approved("join", "1.0")
    go_live(release)
    second = fleet.start_worker()
    try:
        mine = Worker.objects.filter(name__endswith=f":{second.popen.pid}")
        wait_until(
            lambda: any((one.releases or {}).get(release.key) == "" for one in mine.all()),
            lambda: f"it to be ready there: {reports()}",
        )
        assert fleet.worker.popen.poll() is None
    finally:
        second.stop()
