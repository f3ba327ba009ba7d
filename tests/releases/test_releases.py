"""A release from its bundle to live, and back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.accounts.models import User
from gptstore.audit.chain import verify as verify_audit
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit as submit_job
from gptstore.jobs.models import Job
from gptstore.releases.deploy import activate, deploy, roll_back, take_down
from gptstore.releases.errors import BundleRefused, ReleaseError
from gptstore.releases.models import Decision, DeploymentState, Plugin, Release, ReleaseStatus
from gptstore.releases.quarantine import quarantine, release_from_quarantine, yank
from gptstore.releases.review import approve, reject, take_into_review
from gptstore.releases.storage import bundles
from gptstore.releases.submit import submit
from gptstore.releases.wanted import Role, wanted_by
from harness.rows import make_user
from tests.releases.conftest import Approved

pytestmark = pytest.mark.django_db
Bundle = Callable[[str], Path]


def go_live(release: Release) -> None:
    assert activate(deploy(release, None))


def roles(worker: str = "w1") -> dict[str, Role]:
    return {wanted.release.version: wanted.role for wanted in wanted_by(worker)}


def test_a_submitted_bundle_is_stored_as_it_is(ada: User, bundle: Bundle) -> None:
    release = submit(bundle("1.0"), ada)

    assert (str(release), release.status) == ("acme-tool 1.0", ReleaseStatus.SUBMITTED)
    assert release.plugin.owner == ada
    with bundles().open(release.file) as file:
        assert file.read() == bundle("1.0").read_bytes()
    assert AuditEvent.objects.get().target == "acme-tool 1.0"


def test_a_version_is_submitted_once(ada: User, bundle: Bundle) -> None:
    reject(submit(bundle("1.0"), ada), make_user("boss"), "No.")

    with pytest.raises(BundleRefused, match="raise the version"):
        submit(bundle("1.0"), ada)
    assert AuditEvent.objects.count() == 2


def test_somebody_else_submits_no_release_of_a_plugin(ada: User, bob: User, boss: User, bundle: Bundle) -> None:
    submit(bundle("1.0"), ada)

    with pytest.raises(BundleRefused, match="somebody else"):
        submit(bundle("1.1"), bob)
    assert submit(bundle("1.2"), boss).plugin.owner == ada


def test_what_is_no_bundle_is_refused(ada: User, tmp_path: Path) -> None:
    (tmp_path / "x.gptx").write_bytes(b"PK")

    with pytest.raises(BundleRefused):
        submit(tmp_path / "x.gptx", ada)
    assert not Plugin.objects.exists()


def test_only_what_is_in_review_is_approved(ada: User, boss: User, bundle: Bundle) -> None:
    release = submit(bundle("1.0"), ada)

    with pytest.raises(ReleaseError, match="Submitted"):
        approve(release, boss)
    with pytest.raises(ReleaseError, match="cannot be deployed"):
        deploy(release, boss)


def test_a_submitted_release_is_taken_into_review_once(ada: User, boss: User, bundle: Bundle) -> None:
    release = submit(bundle("1.0"), ada)

    assert take_into_review(release, None).status == ReleaseStatus.IN_REVIEW
    with pytest.raises(ReleaseError, match="In review"):
        take_into_review(release, boss)
    assert approve(release, boss).status == ReleaseStatus.APPROVED
    assert AuditEvent.objects.filter(action="release.take_into_review").get().actor == ""


def test_nobody_but_a_superuser_approves_what_they_submitted(ada: User, boss: User, bundle: Bundle) -> None:
    hers, his = take_into_review(submit(bundle("1.0"), ada), None), take_into_review(submit(bundle("1.1"), boss), None)

    with pytest.raises(ReleaseError, match="Somebody else"):
        approve(hers, ada)
    assert approve(his, boss).status == ReleaseStatus.APPROVED
    assert AuditEvent.objects.get(action="release.approve").details["submitted"] == "by the same person"


def test_network_rights_need_a_second_person(ada: User, boss: User, bundle: Bundle) -> None:
    release = submit(bundle("1.0"), ada)
    rights = [{"kind": "network", "tool": "say", "limit": "", "value": ""}]
    Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW, rights=rights)

    assert approve(release, boss).status == ReleaseStatus.IN_REVIEW
    with pytest.raises(ReleaseError, match="second person"):
        approve(release, boss)
    assert approve(release, make_user("eve")).status == ReleaseStatus.APPROVED
    assert Decision.objects.count() == 2


def test_a_rejection_says_why(ada: User, boss: User, bundle: Bundle) -> None:
    release = submit(bundle("1.0"), ada)

    with pytest.raises(ReleaseError, match="note"):
        reject(release, boss, "  ")
    assert reject(release, boss, "It prints a lot.").status == ReleaseStatus.REJECTED


def test_new_runs_get_the_release_once_it_is_live(ada: User, approved: Approved) -> None:
    go_live(approved("1.0"))
    old = submit_job(ada, Tool.objects.get(slug="say"), {"word": "a"})
    deployment = deploy(approved("1.1"), None)
    meanwhile = submit_job(ada, Tool.objects.get(slug="say"), {"word": "a"})
    activate(deployment)
    new = submit_job(ada, Tool.objects.get(slug="say"), {"word": "a"})

    keys = [Release.objects.get(version=version).key for version in ("1.0", "1.0", "1.1")]
    assert [job.release for job in (old, meanwhile, new)] == keys
    assert [job.tool_version for job in (old, new)] == ["1.0", "1.1"]


def test_workers_have_what_is_live_what_comes_and_what_still_runs(ada: User, approved: Approved) -> None:
    first, second, third = (approved(version) for version in ("1.0", "1.1", "1.2"))
    go_live(first)
    assert roles() == {"1.0": Role.LIVE}

    submit_job(ada, Tool.objects.get(slug="say"), {"word": "a"})
    deployment = deploy(second, None)
    assert roles() == {"1.0": Role.LIVE, "1.1": Role.ROLLING_OUT}
    activate(deployment)
    assert roles() == {"1.1": Role.LIVE, "1.0": Role.DRAINING}
    Job.objects.all().delete()
    assert roles() == {"1.1": Role.LIVE, "1.0": Role.STANDBY}
    go_live(third)
    assert roles() == {"1.2": Role.LIVE, "1.1": Role.STANDBY}


def test_a_canary_is_on_its_worker_only(approved: Approved) -> None:
    go_live(approved("1.0"))
    deploy(approved("1.1"), None, strategy="canary", share=10, canary_worker="w2")  # type: ignore[arg-type]

    assert roles("w1") == {"1.0": Role.LIVE}
    assert roles("w2") == {"1.0": Role.LIVE, "1.1": Role.ROLLING_OUT}


def test_a_rollback_moves_back_at_once_and_forward_again(boss: User, approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    go_live(first)
    go_live(second)

    assert roll_back(first.plugin, boss, "It is slow.").release == first
    assert Tool.objects.get(slug="say").release == first.key
    go_live(second)
    assert Tool.objects.get(slug="say").version == "1.1"
    states = [deployment.state for deployment in first.plugin.deployments.all()]
    assert states == ["live", "replaced", "rolled_back", "replaced"]


def test_a_rollback_before_a_release_went_live_keeps_what_is_live(approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    go_live(first)
    deploy(second, None)

    assert roll_back(first.plugin, None).release == first
    assert roles() == {"1.0": Role.LIVE}


def test_without_a_release_before_there_is_no_rollback(approved: Approved) -> None:
    release = approved("1.0")
    go_live(release)

    with pytest.raises(ReleaseError, match="no release"):
        roll_back(release.plugin, None)


def test_the_last_good_one_takes_over_from_one_in_quarantine(boss: User, approved: Approved) -> None:
    releases = [approved(version) for version in ("1.0", "1.1", "1.2")]
    for release in releases:
        go_live(release)

    assert quarantine(releases[2], "crashed 3 times in 5 minutes")
    assert not quarantine(releases[2], "crashed again")
    assert roles()["1.1"] == Role.LIVE
    quarantine(releases[1], "crashed 3 times in 5 minutes")
    assert roles() == {"1.0": Role.LIVE}
    with pytest.raises(ReleaseError, match="quarantined"):
        deploy(releases[2], boss)
    release_from_quarantine(releases[2], boss)
    go_live(releases[2])


def test_a_plugin_without_a_good_release_is_taken_down(boss: User, approved: Approved) -> None:
    release = approved("1.0")
    go_live(release)

    yank(release, boss, "It leaks.")

    assert not Tool.objects.get(slug="say").is_listed
    assert roles() == {}


def test_a_plugin_is_taken_down_and_deployed_again(boss: User, approved: Approved) -> None:
    release = approved("1.0")
    go_live(release)
    take_down(release.plugin, boss)
    assert not Tool.objects.get(slug="say").is_listed

    go_live(release)
    assert Tool.objects.get(slug="say").is_listed
    assert release.plugin.deployments.all()[0].state == DeploymentState.LIVE


def test_a_deployment_that_was_overtaken_does_not_go_live(approved: Approved) -> None:
    overtaken = deploy(approved("1.0"), None)
    go_live(approved("1.1"))

    assert not activate(overtaken)
    assert Tool.objects.get(slug="say").version == "1.1"


def test_each_change_is_in_the_audit_log(boss: User, approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    go_live(first)
    go_live(second)
    roll_back(first.plugin, boss, "why")
    yank(second, boss, "why")
    quarantine(first, "why")

    actions = [*AuditEvent.objects.order_by("number").values_list("action", flat=True)]
    of_one = ["release.submit", "release.approve", "release.sign"]
    live = ["release.deploy", "release.live"]
    assert actions == [
        *of_one, *of_one, *live, *live, "release.roll_back", "release.yank", "release.quarantine", "plugin.take_down",
    ]  # fmt: skip
    assert verify_audit()[0] == len(actions)
