"""Workers take releases without any network: nothing is looked up, and nothing is reached."""

from pathlib import Path

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Worker
from harness.offline import CONTROL, command_without_network, is_possible
from harness.waiting import wait_until
from tests.integration.deployments.conftest import Approved
from tests.integration.deployments.fleet import Fleet, go_live, output_of, reports

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]


@pytest.mark.skipif(not is_possible(), reason="needs root and network namespaces")
def test_a_worker_without_a_route_fetches_builds_and_runs_a_release_and_looks_up_no_name(
    fleet: Fleet, approved: Approved, owner: User, tmp_path: Path
) -> None:
    # Given a live release, and no worker but one with an empty disk in a network without any route
    release = approved("alone", "1.0")
    go_live(release)
    fleet.worker.stop()
    names, disk = tmp_path / "names", fleet.folder / "alone"
    disk.mkdir(mode=0o755)
    shared = {"bundles": str(fleet.folder / "bundles"), "trusted_keys": str(fleet.folder / "store.key.pub")}
    alone = fleet.begin_worker(*command_without_network(names), log="alone.log", var=str(disk), **shared)
    # When it takes the release
    mine = Worker.objects.filter(name__endswith=f":{alone.popen.pid}")
    wait_until(
        lambda: any((one.releases or {}).get(release.key) == "" for one in mine.all()),
        lambda: f"it to be ready without a network: {reports()} {alone.text}",
        120,
    )
    # Then it runs it, and has looked up nothing but the name that shows that this would be seen
    job: Job = submit(owner, Tool.objects.get(slug="alone"), {})
    assert (output_of(job), job.release) == ("1.0", release.key)
    assert len([*disk.glob("environments/acme-alone-*")]) == 1
    alone.stop()
    assert {*names.read_text().split()} == {CONTROL}
