"""What becomes of a deployment, by what the workers report of its release."""

import pytest

from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Worker
from gptstore.releases.activation import advance_rollouts
from gptstore.releases.deploy import activate, deploy, last_good, roll_back, take_down
from gptstore.releases.models import DeploymentState, Release
from gptstore.releases.quarantine import quarantine
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(approved: Approved) -> Release:
    release = approved("1.0")
    activate(deploy(release, None))
    return release


def live() -> str:
    return Tool.objects.get(slug="say").version


def test_a_release_is_live_once_one_worker_is_ready(old: Release, approved: Approved) -> None:
    new = approved("1.1")
    deploy(new, None)
    report("w1", (old, ""))
    report("w2", (old, ""))
    advance_rollouts()
    assert live() == "1.0"

    report("w2", (old, ""), (new, ""))
    advance_rollouts()
    assert live() == "1.1"
    advance_rollouts()
    assert AuditEvent.objects.filter(action="release.live", target="acme-tool 1.1").count() == 1


def test_a_release_that_every_worker_refuses_is_rolled_back(old: Release, approved: Approved) -> None:
    new = approved("1.1")
    deployment = deploy(new, None)
    report("w1", (new, "It needs numpy."))
    report("w2")
    advance_rollouts()
    assert old.plugin.deployments.get(ended_at=None) == deployment

    report("w2", (new, "It needs numpy."))
    advance_rollouts()
    advance_rollouts()  # it is refused still
    deployment.refresh_from_db()
    assert deployment.state == DeploymentState.ROLLED_BACK
    assert deployment.outcome == "No worker takes it. w1, w2: It needs numpy."
    assert live() == "1.0"
    assert old.plugin.deployments.get(ended_at=None).release == old


def test_one_worker_that_refuses_does_not_hold_up_the_others(old: Release, approved: Approved) -> None:
    new = approved("1.1")
    deploy(new, None)
    report("w1", (new, "Its sandbox is too weak."))
    report("w2", (new, ""))

    advance_rollouts()

    assert live() == "1.1"


def test_a_first_release_that_is_refused_leaves_nothing(approved: Approved) -> None:
    new = approved("1.0")
    deployment = deploy(new, None)
    report("w1", (new, "No."))

    advance_rollouts()
    advance_rollouts()  # it is refused still

    deployment.refresh_from_db()
    assert deployment.state == DeploymentState.ROLLED_BACK
    assert not new.plugin.deployments.filter(ended_at=None).exists()
    assert not Tool.objects.exists()


def test_a_rollout_says_what_it_waits_for(old: Release, approved: Approved) -> None:
    deployment = deploy(approved("1.1"), None)
    advance_rollouts()
    deployment.refresh_from_db()
    assert "none is online" in deployment.outcome

    report("w1")
    Worker.objects.update(releases=None)
    advance_rollouts()
    deployment.refresh_from_db()
    assert "takes releases" in deployment.outcome

    report("w1")
    advance_rollouts()
    deployment.refresh_from_db()
    assert (deployment.outcome, deployment.state) == ("", DeploymentState.ROLLING_OUT)


def test_a_rollout_that_the_catalogue_refuses_does_not_hold_up_the_others(old: Release, approved: Approved) -> None:
    new = approved("1.1")
    deployment = deploy(new, None)
    Tool.objects.update(plugin="somebody-else")
    report("w1", (new, ""))

    advance_rollouts()

    deployment.refresh_from_db()
    assert deployment.state == DeploymentState.ROLLED_BACK
    assert "somebody-else" in deployment.outcome


def test_nobody_goes_back_to_what_was_never_live(old: Release, approved: Approved) -> None:
    overtaken = deploy(approved("1.1"), None)
    activate(deploy(approved("1.2"), None))

    overtaken.refresh_from_db()
    assert overtaken.state == DeploymentState.ROLLED_BACK
    assert last_good(old.plugin) == old


def test_a_plugin_that_was_taken_down_stays_down_when_its_next_release_fails(old: Release, approved: Approved) -> None:
    take_down(old.plugin, None)
    new = approved("1.1")
    deploy(new, None)

    quarantine(new, "It crashed.")

    old.plugin.refresh_from_db()
    assert old.plugin.live is None
    assert not Tool.objects.get(slug="say").is_listed


def test_a_rollout_goes_on_when_what_is_live_is_withdrawn(old: Release, approved: Approved) -> None:
    middle, new = approved("1.1"), approved("1.2")
    activate(deploy(middle, None))
    deployment = deploy(new, None)

    quarantine(middle, "It crashed.")
    assert live() == "1.0"
    quarantine(old, "It crashed, too.")
    assert not Tool.objects.get(slug="say").is_listed

    report("w1", (new, ""))
    advance_rollouts()
    deployment.refresh_from_db()
    assert deployment.state == DeploymentState.LIVE
    assert Tool.objects.get(slug="say").is_listed


def test_a_rollback_of_a_rollout_keeps_what_is_live(old: Release, approved: Approved) -> None:
    deploy(approved("1.1"), None)

    roll_back(old.plugin, None, "No.")
    advance_rollouts()

    assert live() == "1.0"
