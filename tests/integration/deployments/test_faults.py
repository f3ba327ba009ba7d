"""A release or a worker that fails breaks nothing else, and says why."""

import pytest

from gptstore.jobs.models import Worker
from gptstore.releases.deploy import deploy
from gptstore.releases.models import DeploymentState, Release
from harness.waiting import wait_until
from tests.integration.deployments.conftest import Approved, Run
from tests.integration.deployments.fleet import Fleet, go_live, output_of, reports, wait_live, wait_ready

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]


def wait_given_up(release: Release, reason: str) -> None:
    def has_ended() -> bool:
        deployment = release.deployments.get()
        return deployment.state == DeploymentState.ROLLED_BACK and reason in deployment.outcome

    wait_until(has_ended, lambda: f"{reason}: {reports()} {[*release.deployments.values_list('outcome')]}")


def test_a_broken_release_breaks_nothing_and_its_rollout_ends_with_the_reason(
    fleet: Fleet, approved: Approved, start: Run
) -> None:
    # Given a release that cannot be imported, one whose bundle the storage lost, and one that works
    broken = approved("broken", "1.0", imports="import no_such_module")
    lost, good = approved("lost", "1.0"), approved("good", "1.0")
    stored = fleet.folder / "bundles" / lost.file
    stored.rename(stored.with_suffix(".away"))
    for release in (broken, lost):
        deploy(release, None)
    # Then the one worker says why it takes neither, and the other one runs
    wait_given_up(broken, "no_such_module")
    wait_given_up(lost, "The bundle is not in storage")
    go_live(good)
    assert output_of(start("good")) == "1.0"
    # And when the storage has it again, it is deployed again
    stored.with_suffix(".away").rename(stored)
    go_live(lost)


def test_a_worker_that_is_killed_while_it_installs_does_it_at_its_next_start_and_never_again(
    fleet: Fleet, approved: Approved, start: Run
) -> None:
    # Given a worker that is killed as soon as it has begun to install a release
    release = approved("cut", "1.0")
    deploy(release, None)
    wait_until(
        lambda: (
            any(fleet.folder.glob("fetched/.fetching-*"))
            or any(fleet.folder.glob("environments/.*-*"))
            or fleet.bundle_of(release).exists()
        ),
        "it to begin",
        every=0.001,
    )
    fleet.worker.kill()
    Worker.objects.all().delete()
    # When the next one starts
    fleet.restart()
    wait_live(release)
    # Then it runs, and nothing is left of what was begun
    assert output_of(start("cut")) == "1.0"
    wait_until(lambda: not [*fleet.folder.glob("fetched/.fetching-*")], "the rest to be swept")
    wait_until(lambda: not [*fleet.folder.glob("environments/.building-*")], "the rest to be swept")
    # And another start installs nothing again
    made = (fleet.bundle_of(release).stat().st_mtime_ns, fleet.module_of(release).stat().st_ino)
    fleet.worker.stop()
    fleet.restart()
    wait_ready(release)
    assert (fleet.bundle_of(release).stat().st_mtime_ns, fleet.module_of(release).stat().st_ino) == made
