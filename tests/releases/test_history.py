"""The versions of a tool that have been live, for who runs it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models import Q
from django.test import Client

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.releases.activation import advance_rollouts
from gptstore.releases.card_facts import facts_of
from gptstore.releases.deploy import deploy
from gptstore.releases.history import history_of
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.quarantine import yank
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import report

pytestmark = pytest.mark.django_db


def make_live(release: Release, boss: User) -> None:
    deploy(release, boss)
    report("w1", (release, ""))
    advance_rollouts()


def test_versions_that_were_live_are_told_with_what_they_changed(approved: Approved, boss: User) -> None:
    # Given a release that was live, one that never was, and one that is
    first, never, second = approved("1.0"), approved("1.1"), approved("2.0")
    make_live(first, boss)
    described = second.manifest["tools"][0]
    described["input_schema"]["properties"]["tone"] = {"type": "string"}
    rights = [{"kind": "network", "tool": described["slug"], "limit": "", "value": ""}]
    lock = f"httpx==1.0 --hash=sha256:{'0' * 64}\n"
    Release.objects.filter(pk=second.pk).update(manifest=second.manifest, rights=rights, lock=second.lock + lock)
    make_live(second, boss)
    # Then the tool has two versions, and the later one says what is new
    tool = Tool.objects.get(slug=described["slug"])
    latest, before = history_of(tool)
    assert (latest.version, latest.is_live, latest.decided_by) == ("2.0", True, ["boss"])
    assert (before.version, before.is_live, before.changes) == ("1.0", False, [])
    network, inputs, packages = latest.changes
    assert network.startswith("New right: ")
    assert "network" in network
    assert inputs == "New inputs: tone"
    assert packages == "1 dependency changed: httpx – → 1.0"
    assert never.version not in (latest.version, before.version)


def test_the_tool_s_page_has_what_each_version_says_is_new(
    ada: User,
    boss: User,
    bundle: Callable[..., Path],
    client: Client,
) -> None:
    for version, news in (("1.0", ""), ("2.0", "## 2.0\n\n- A **tone**.\n\n![x](https://evil.example/x.png)")):
        release = submit(bundle(version, news), ada)
        Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW)
        make_live(approve(release, boss), boss)

    page = client.get("/tools/say/").text

    assert page.count('<details class="new">') == 1
    assert "What is new in 2.0</summary>" in page and "<strong>tone</strong>" in page and '<img src="https' not in page


def test_a_version_that_was_withdrawn_says_so(approved: Approved, boss: User) -> None:
    first, second = approved("1.0"), approved("2.0")
    make_live(first, boss)
    make_live(second, boss)
    yank(first, boss, "It leaks.")
    latest, before = history_of(Tool.objects.get(~Q(release="")))
    assert (latest.withdrawn, before.withdrawn) == ("", "Withdrawn for good")


def test_a_tool_without_releases_has_no_history(echo: Tool) -> None:
    assert history_of(echo) == []


def test_facts_of_a_release_tell_which_workers_are_ready(approved: Approved, boss: User) -> None:
    release = approved("1.0")
    make_live(release, boss)
    report("w2", (release, "It needs numpy."))
    report("w3")
    tool = Tool.objects.get(~Q(release=""))
    facts = facts_of([tool])[tool.pk]
    assert (facts.trust, facts.ready, facts.workers) == ("unverified", 1, 3)
    assert "Ready on 1 of 3 workers" in facts.notes
    for name in ("w2", "w3"):
        report(name, (release, ""))
    assert facts_of([tool])[tool.pk].readiness == ""
