"""A worker with many releases, of which one is damaged while it is away: the others are ready again, without hosts."""

import os
import time
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Worker
from gptstore.releases.deploy import deploy
from gptstore.releases.models import Release
from harness.waiting import wait_until
from tests.integration.deployments.conftest import Approved
from tests.integration.deployments.fleet import Fleet, flip, output_of, reports, state_of, wait_live, wait_refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]

COUNT = int(os.environ.get("GPTSTORE_MANY_RELEASES", "4"))


@pytest.mark.timeout(300 + COUNT * 60)
def test_one_damaged_release_of_many_keeps_none_of_the_others_from_answering_after_a_restart(
    fleet: Fleet, approved: Approved, boss: User, client: Client
) -> None:
    # Given many live releases
    releases = [approved(f"many{number}", "1.0") for number in range(COUNT)]
    for release in releases:
        deploy(release, boss)
    for release in releases:
        wait_live(release)
    made = [identity(fleet, release) for release in releases]
    # When a byte of one changes, and the worker starts again
    fleet.worker.stop()
    Worker.objects.all().delete()
    damaged, *sound = releases
    flip(fleet.module_of(damaged))
    began = time.monotonic()
    fleet.restart()
    started = time.monotonic() - began
    wait_until(lambda: all(state_of(one) == "" for one in sound), lambda: f"the others: {reports()}", 30 * COUNT)
    print(f"{COUNT} releases: the worker was ready after {started:.1f} s, they after {time.monotonic() - began:.1f} s")
    # Then none of them has a process yet
    assert fleet.hosts() == []
    # And all others answer, and nothing was fetched or built again
    jobs = [submit(boss, Tool.objects.get(slug=release.plugin.name.removeprefix("acme-")), {}) for release in sound]
    assert [output_of(job) for job in jobs] == ["1.0"] * len(sound)
    assert fleet.hosts(), "a run starts one"
    assert [identity(fleet, release) for release in releases[1:]] == made[1:]
    # And an admin reads which one is damaged, and why, on its page and on the fleet's
    wait_refused(damaged, "was damaged or changed")
    client.force_login(boss)
    for page in (reverse("admin:releases_plugin_change", args=[damaged.plugin_id]), reverse("admin:fleet")):
        text = client.get(page).content.decode()
        assert f"acme_{damaged.plugin.name.removeprefix('acme-')}.py was damaged or changed" in text


def identity(fleet: Fleet, release: Release) -> list[tuple[int, int]]:
    """Return what would be different if the release's bundle were fetched again, or its environment built again."""
    paths: list[Path] = [fleet.bundle_of(release), fleet.module_of(release)]
    return [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths]
