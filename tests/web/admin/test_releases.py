"""A release in the admin: what its reviewer sees and decides, and what its way to the fleet and back is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.translation import override

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.jobs.workers import WorkerInfo, beat
from gptstore.releases.check_report import CheckReport, ExampleReport, Ran
from gptstore.releases.deploy import activate, deploy
from gptstore.releases.models import Check, Plugin, Release, ReleaseStatus
from gptstore.releases.review import take_into_review
from gptstore.releases.submit import submit
from harness.rows import make_user
from tests.authors.bundle_parts import write_small_bundle
from tests.releases.conftest import Approved
from tests.web.admin.conftest import signed_in

pytestmark = pytest.mark.django_db
NETWORK = [{"kind": "network", "tool": "say", "limit": "", "value": ""}]


def page_of(release: Release, name: str = "change") -> str:
    return f"/admin/releases/release/{release.pk}/{name}/"


def status_of(release: Release) -> str:
    return Release.objects.get(pk=release.pk).status


@pytest.fixture
def release(ada: User, bundle: Callable[[str], Path]) -> Release:
    return submit(bundle("1.0"), ada)


@pytest.fixture
def in_review(release: Release) -> Release:
    return take_into_review(release, None)


def staff(name: str, *rights: str) -> Client:
    person = make_user(name, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_release", "view_plugin", *rights]))
    return signed_in(person)


def test_the_queue_has_what_is_to_be_decided_the_oldest_first(
    desk: Client, ada: User, bundle: Callable[[str], Path], approved: Approved
) -> None:
    approved("0.9")
    for version in ("1.0", "1.1"):
        submit(bundle(version), ada)

    page = desk.get("/admin/releases/release/").text
    everything = desk.get("/admin/releases/release/?status=all").text

    assert page.index("acme-tool 1.0") < page.index("acme-tool 1.1")
    assert "acme-tool 0.9" not in page and "acme-tool 0.9" in everything
    assert "acme-tool 1.0" not in desk.get("/admin/releases/release/?risk=high").text


def test_the_page_shows_who_what_and_how_risky(desk: Client, release: Release) -> None:
    Release.objects.filter(pk=release.pk).update(rights=NETWORK, risk=6)

    page = desk.get(page_of(release)).text

    for text in ("acme-tool", release.sha256, "ada", "6 of 10", "Reaches the network: +5", "nobody signed the bundle"):
        assert text in page
    assert "say reaches the network" in page
    assert "2 people have to approve it" in page
    assert "Not checked yet" in page


def test_the_page_compares_with_what_is_live(desk: Client, ada: User, approved: Approved, tmp_path: Path) -> None:
    activate(deploy(approved("1.0"), None))
    after = submit(write_small_bundle(tmp_path / "after", version="1.1", code="WORD = 'ha'"), ada)

    page, code = desk.get(page_of(after)).text, desk.get(page_of(after, "code")).text

    assert "What is different from 1.0, which is live." in page
    assert "fruit" in page and "As before" in page and "Changed" in page
    assert "WORD = &#x27;hé&#x27;" in code and "WORD = &#x27;ha&#x27;" in code
    assert "<html" in code and "<html" not in desk.get(page_of(after, "code"), headers={"HX-Request": "true"}).text


def test_the_page_has_the_denied_calls_of_examples_beside_those_of_the_live_release(
    desk: Client, ada: User, approved: Approved, bundle: Callable[[str], Path]
) -> None:
    activate(deploy(approved("0.9"), None))
    release = submit(bundle("1.0"), ada)
    examples = [
        ExampleReport(tool="say", title="More", new=Ran(denied={"network": 3}), live=Ran(denied={"network": 1})),
        ExampleReport(tool="say", title="As many", new=Ran(denied={"files": 1}), live=Ran(denied={"files": 1})),
        ExampleReport(tool="say", title="None", new=Ran(denied={}), live=Ran()),
    ]
    report = CheckReport(examples=examples).model_dump(mode="json")
    at = release.submitted_at
    Check.objects.create(release=release, worker="w1", lease_expires_at=at, started_at=at, report=report)

    page = desk.get(page_of(release)).text

    assert "3 calls denied (network 3)" in page and "1 call denied (network 1)" in page
    assert page.count("More than 0.9:") == 1 and "More than 0.9: 2 calls denied (network 2)" in page
    assert page.count("1 call denied (files 1)") == 2
    assert page.count("no call denied") == 1


def test_packages_that_exclude_each_other_are_shown_as_a_table(desk: Client, release: Release) -> None:
    needs = [("<2", "pie"), ("2.0", "the bundle")]
    at, report = release.submitted_at, CheckReport(fault="No.", needs=needs).model_dump(mode="json")
    Check.objects.create(release=release, worker="w1", lease_expires_at=at, started_at=at, report=report)

    page = desk.get(page_of(release)).text

    assert "Who asks for it" in page
    assert "<code>&lt;2</code></th><td><bdi>pie</bdi>" in page
    assert "<code>2.0</code></th><td><bdi>the bundle</bdi>" in page


def test_the_page_has_what_the_author_says_is_new_as_harmless_markdown(
    desk: Client, ada: User, bundle: Callable[..., Path]
) -> None:
    news = "# 1.1\n\n- A *word* <script>alert(1)</script>\n\n# 1.0\n\nOld."

    page = desk.get(page_of(submit(bundle("1.1", news), ada))).text
    without = desk.get(page_of(submit(bundle("1.2", news), ada))).text

    assert "What is new" in page and "<em>word</em> &lt;script&gt;alert(1)" in page
    assert "Old." not in page and "What is new" not in without


def test_a_review_is_started_and_the_release_approved_signed_and_shown(desk: Client, release: Release) -> None:
    assert desk.post(page_of(release, "approve"), {"note": "ok"}).status_code == 422

    desk.post(page_of(release, "start-review"))
    assert status_of(release) == ReleaseStatus.IN_REVIEW
    page = desk.post(page_of(release, "approve"), {"note": "I like it."}, follow=True).text

    assert status_of(release) == ReleaseStatus.APPROVED
    assert "I like it." in page and "Signature of the store" in page
    assert Release.objects.get(pk=release.pk).signature["signature"] in page
    assert "No worker takes it" not in page


def test_a_page_asks_before_anything_happens(desk: Client, in_review: Release) -> None:
    for step in ("approve", "reject"):
        assert "<form" in desk.get(page_of(in_review, step)).text

    assert status_of(in_review) == ReleaseStatus.IN_REVIEW


def test_a_rejection_needs_a_note_and_a_refused_note_is_kept(desk: Client, in_review: Release, root: User) -> None:
    without = desk.post(page_of(in_review, "reject"), {"note": " "})
    Release.objects.filter(pk=in_review.pk).update(rights=NETWORK)
    desk.post(page_of(in_review, "approve"), {"note": "first"})
    again = desk.post(page_of(in_review, "approve"), {"note": "A long note that took an hour."})

    assert (without.status_code, again.status_code) == (422, 422)
    assert "A long note that took an hour." in again.text and "second person" in again.text
    assert status_of(in_review) == ReleaseStatus.IN_REVIEW


def test_network_rights_need_a_second_person_and_the_page_says_who_was_the_first(
    desk: Client, in_review: Release
) -> None:
    Release.objects.filter(pk=in_review.pk).update(rights=NETWORK)

    desk.post(page_of(in_review, "approve"), {"note": "first"})
    eve = staff("eve", "review_release")
    page = eve.get(page_of(in_review)).text
    assert "root" in page and "first" in page and status_of(in_review) == ReleaseStatus.IN_REVIEW
    eve.post(page_of(in_review, "approve"), {"note": ""})

    assert status_of(in_review) == ReleaseStatus.APPROVED


def test_nobody_approves_their_own_but_a_superuser_who_may_be_alone(
    desk: Client, root: User, bundle: Callable[[str], Path]
) -> None:
    eve = staff("eve", "review_release")
    hers, mine = (submit(bundle(v), make) for v, make in (("1.0", User.objects.get(username="eve")), ("1.1", root)))
    for release in (hers, mine):
        take_into_review(release, None)

    refused = eve.post(page_of(hers, "approve"), {"note": ""})
    desk.post(page_of(mine, "approve"), {"note": ""})

    assert "Somebody else has to approve it" in refused.text and status_of(hers) == ReleaseStatus.IN_REVIEW
    assert status_of(mine) == ReleaseStatus.APPROVED
    assert AuditEvent.objects.get(action="release.approve").details["submitted"] == "by the same person"


@pytest.mark.parametrize(
    ("right", "allowed"),
    [
        ("review_release", {"start-review", "approve", "reject"}),
        ("quarantine_release", {"quarantine", "end-quarantine", "yank"}),
        ("change_release", set()),
    ],
)
def test_each_step_needs_its_permission(release: Release, right: str, allowed: set[str]) -> None:
    client = staff("eve", right)

    taken = {
        step
        for step in ("start-review", "approve", "reject", "quarantine", "end-quarantine", "yank")
        if client.get(page_of(release, step)).status_code != 403
        and client.post(page_of(release, step), {"note": "x"}).status_code != 403
    }

    assert taken == allowed


def test_nothing_is_shown_to_staff_without_the_right_to_see(release: Release) -> None:
    client = signed_in(make_user("sam", is_staff=True))

    for name in ("change", "code", "bundle", "approve"):
        assert client.get(page_of(release, name)).status_code == 403


def test_the_bundle_is_downloaded_as_it_was_submitted(
    desk: Client, release: Release, bundle: Callable[[str], Path]
) -> None:
    answer = desk.get(page_of(release, "bundle"))

    assert b"".join(answer.streaming_content) == bundle("1.0").read_bytes()  # type: ignore[attr-defined]
    assert "attachment" in answer["Content-Disposition"]


def test_a_bundle_that_was_altered_or_is_gone_is_reported(desk: Client, release: Release, tmp_path: Path) -> None:
    stored = tmp_path / "bundles" / release.file
    stored.write_bytes(stored.read_bytes() + b"x")
    altered = desk.get(page_of(release, "code"))
    stored.unlink()
    gone = desk.get(page_of(release, "code"))

    assert "not what was submitted" in altered.text
    assert "cannot be read" in gone.text
    assert desk.get(page_of(release)).status_code == 200


def test_a_release_is_quarantined_brought_back_and_yanked(desk: Client, approved: Approved) -> None:
    release = approved("1.0")

    page = desk.post(page_of(release, "quarantine"), {"note": "It hangs."}, follow=True).text
    assert "In quarantine" in page and "It hangs." in page
    desk.post(page_of(release, "end-quarantine"), {"note": ""})
    assert Release.objects.get(pk=release.pk).is_deployable
    desk.post(page_of(release, "yank"), {"note": "It leaks."})
    assert Release.objects.get(pk=release.pk).yanked_at


def plugin_page(plugin: Plugin, name: str = "change") -> str:
    return f"/admin/releases/plugin/{plugin.pk}/{name}/"


def test_a_plugin_is_deployed_rolled_back_and_taken_down(desk: Client, approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    plugin = first.plugin
    choice = {"strategy": "all", "share": 10, "canary_worker": "", "note": "Finally."}

    page = desk.post(plugin_page(plugin, "deploy"), {**choice, "release": first.pk}, follow=True).text
    assert "Rolling out" in page and "Finally." in page
    activate(plugin.deployments.get())
    activate(deploy(second, None))
    desk.post(plugin_page(plugin, "roll-back"), {"note": "Slow."})
    assert Plugin.objects.get().live == first
    page = desk.post(plugin_page(plugin, "take-down"), {"note": ""}, follow=True).text
    assert Plugin.objects.get().live is None
    for text in ("Slow.", "Rolled back", "Taken down", "root"):
        assert text in page


def test_a_canary_names_its_worker_and_share(desk: Client, approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    beat(WorkerInfo("w1", "m", True, 1, 1, "cpu", [], releases={}))
    choice = {"strategy": "canary", "share": 20, "note": "", "release": second.pk, "canary_worker": "w1"}
    page = plugin_page(second.plugin, "deploy")

    assert "compared with another live release" in desk.post(page, choice).text
    activate(deploy(first, None))
    assert "Choose the worker" in desk.post(page, {**choice, "canary_worker": ""}).text
    assert desk.post(page, {**choice, "share": 60}).status_code == 422
    assert desk.post(page, choice).status_code == 302
    deployment = second.deployments.get()
    assert (deployment.strategy, deployment.share, deployment.canary_worker) == ("canary", 20, "w1")


def test_only_what_was_approved_is_offered(
    desk: Client, ada: User, approved: Approved, bundle: Callable[[str], Path]
) -> None:
    good, other = approved("1.0"), submit(bundle("1.1"), ada)
    choice = {"strategy": "all", "share": 10, "canary_worker": "", "note": "", "release": other.pk}

    assert "acme-tool 1.1" not in desk.get(plugin_page(good.plugin, "deploy")).text
    assert desk.post(plugin_page(good.plugin, "deploy"), choice).status_code == 422


def test_the_page_says_of_each_worker_how_far_it_is_and_only_what_is_news(desk: Client, approved: Approved) -> None:
    release = approved("1.0")
    deploy(release, None)
    for name, releases in (("w1", {release.key: ""}), ("w2", {release.key: "no wheel for it"}), ("w3", {})):
        beat(WorkerInfo(name, "m", True, 1, 1, "cpu", [], releases=releases))

    page = desk.get(plugin_page(release.plugin)).text
    seen = page.split("?seen=")[1][:16]
    for text in ("w1", "Ready", "Cannot run it", "no wheel for it", "Not ready yet"):
        assert text in page
    assert desk.get(plugin_page(release.plugin, "state") + f"?seen={seen}").status_code == 204
    activate(release.plugin.deployments.get())
    assert desk.get(plugin_page(release.plugin, "state") + f"?seen={seen}").status_code == 200


def test_a_plugin_step_needs_the_right_to_deploy(approved: Approved) -> None:
    plugin = approved("1.0").plugin
    reviewer, deployer = staff("eve", "review_release"), staff("dan", "deploy_release")

    for step in ("deploy", "roll-back", "take-down"):
        assert reviewer.get(plugin_page(plugin, step)).status_code == 403
        assert deployer.get(plugin_page(plugin, step)).status_code == 200


def test_a_long_history_is_read_page_by_page(desk: Client, approved: Approved) -> None:
    release = approved("1.0")
    for _ in range(60):
        deploy(release, None)

    page = desk.get(plugin_page(release.plugin)).text
    older = page.split('href="?before=')[1].split("#")[0]

    assert page.count("Rolled back</span>") + page.count("Rolling out</span>") == 51  # one of them in the state above
    assert desk.get(plugin_page(release.plugin) + f"?before={older}").text.count("Rolled back</span>") == 10


def test_hostile_texts_of_a_manifest_are_harmless(desk: Client, release: Release) -> None:
    evil = "<script>alert(1)</script>\u202e\u2066{{ 7 * 7 }}"
    tool = {**release.manifest["tools"][0], "title": evil, "description": evil * 10_000}
    right = {"kind": "secrets", "tool": "say", "limit": "", "value": evil}
    Release.objects.filter(pk=release.pk).update(manifest={**release.manifest, "tools": [tool]}, rights=[right])

    page = desk.get(page_of(release)).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\u2066{{ 7 * 7 }}" in page
    assert "<script>alert" not in page and "\u202e" not in page
    assert len(page) < 500_000


@pytest.mark.parametrize("many", [False, True])
def test_who_has_decided_cannot_be_deleted(desk: Client, in_review: Release, many: bool) -> None:
    staff("eve", "review_release").post(page_of(in_review, "approve"), {"note": ""})
    eve = User.objects.get(username="eve")
    pages = "/admin/accounts/user/"

    if many:
        answer = desk.post(pages, {"action": "delete_selected", "_selected_action": [eve.pk], "post": "yes"})
    else:
        answer = desk.post(f"{pages}{eve.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 200 and "acme-tool 1.0: eve" in answer.text
    assert User.objects.filter(pk=eve.pk).exists()


@pytest.mark.parametrize("step", ["approve", "quarantine", "end-quarantine", "yank"])
def test_a_step_that_does_not_fit_is_refused(desk: Client, release: Release, step: str) -> None:
    before = AuditEvent.objects.count()

    assert desk.post(page_of(release, step), {"note": "x"}).status_code == 422
    assert AuditEvent.objects.count() == before


def test_the_pages_are_in_the_reader_s_language(desk: Client, in_review: Release) -> None:
    chinese = {"Accept-Language": "zh-hans"}

    with override("en"):  # which each request changes
        assert "审核队列" in desk.get(page_of(in_review), headers=chinese).text
        assert "批准" in desk.get(page_of(in_review, "approve"), headers=chinese).text


def test_why_a_rollout_ended_is_in_the_reader_s_language(desk: Client, approved: Approved) -> None:
    first = approved("1.0")
    deploy(first, None)
    deploy(approved("1.1"), None)

    with override("en"):  # which each request changes
        page = desk.get(plugin_page(first.plugin), headers={"Accept-Language": "zh-hans"}).text

    assert "它在上线前就被替换了。" in page and "It was replaced" not in page
