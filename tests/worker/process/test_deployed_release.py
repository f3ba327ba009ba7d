"""A wanted release on its way to a worker's disk: what is checked, what is said, and when it is tried again."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from gptstore.releases.wanted import Role, Wanted
from harness.rows import make_user
from harness.waiting import wait_until
from tests.integration.deployments.fleet import flip
from tests.integration.releases import Bundler
from tests.releases.conftest import boss, store_folders  # noqa: F401 - fixtures
from tests.worker.hosts.releases.wheels import make
from worker.hosts.errors import HostRefused
from worker.hosts.releases.environment_cleanup import UNUSED_SECONDS
from worker.hosts.releases.environment_locks import give_back_all_but
from worker.hosts.sandbox.isolation_level import Level
from worker.hosts.sandbox.plugin_config import Offered
from worker.process import deployed_release
from worker.process.deployed_release import MAX_LOG, DeployedRelease, Step
from worker.process.installer import CROWDED, Installer

pytestmark = pytest.mark.django_db

Deployed = Callable[..., DeployedRelease]


@pytest.fixture(autouse=True)
def reduced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A level that does not depend on this machine; nothing is started in these tests."""
    level = Level(7, True, missing=("a user of its own",))
    monkeypatch.setattr(deployed_release, "probe_release", lambda environment: level)
    yield
    give_back_all_but(())


@pytest.fixture
def release(tmp_path: Path, boss: User) -> Release:  # noqa: F811
    sdk = make(tmp_path, "gptstore-sdk", "0.1.0", {"gptstore/sdk/__init__.py": ""})
    found = submit(Bundler(tmp_path / "made", [sdk]).write("tool", "1.0", slug="say"), make_user("ada"))
    Release.objects.filter(pk=found.pk).update(status=ReleaseStatus.IN_REVIEW)
    return approve(found, boss)


@pytest.fixture
def deployed(release: Release, settings: Any, tmp_path: Path) -> Deployed:
    def make_one(role: Role = Role.LIVE, **given: Any) -> DeployedRelease:
        env = settings.ENV.model_copy(update={"var": tmp_path / "var", "sandbox_level": "none", **given})
        env.var.mkdir(exist_ok=True)
        return DeployedRelease(release, role, env)

    return make_one


def test_it_is_fetched_verified_and_built(deployed: Deployed, release: Release) -> None:
    one = deployed()
    one.install()

    assert (one.fault, one.step, one.is_due) == ("", Step.BUILT, False)
    assert one.config is not None
    assert (one.config.slot, one.config.network) == (("acme-tool", release.key), False)
    assert [line.split(" ", 1)[1] for line in one.log.splitlines()] == ["fetching", "building", "built"]
    one.check()


@pytest.mark.parametrize(("named", "network"), [(["acme-tool"], True), (["acme-other"], False)])
def test_the_operator_says_which_plugins_reach_the_network(deployed: Deployed, named: list[str], network: bool) -> None:
    one = deployed(network_plugins=named)
    one.install()

    assert one.config is not None and one.config.network is network


def test_what_nobody_trusted_signed_is_not_even_fetched(deployed: Deployed, settings: Any) -> None:
    one = deployed()
    settings.ENV.trusted_keys_file.write_text("# nobody\n")
    one.install()

    assert one.fault == "It is signed by a key that is not trusted here (GPTSTORE_TRUSTED_KEYS)."
    assert not one.env.fetched.exists()


def test_a_signature_that_is_altered_later_stops_the_next_start(deployed: Deployed) -> None:
    one = deployed()
    one.install()
    assert one.release.signature
    one.release.signature = one.release.signature | {"at": timezone.now().isoformat()}

    with pytest.raises(HostRefused, match="does not fit"):
        one.check()
    assert one.config is None
    one.check_trust()


def test_the_pauses_between_attempts_grow_and_end_when_something_changes(
    deployed: Deployed, release: Release, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a bundle that the storage has lost
    now = 1000.0
    monkeypatch.setattr(deployed_release.time, "monotonic", lambda: now)
    one = deployed()
    path = Path(settings.ENV.bundles_place) / release.file
    path.rename(path.with_suffix(".away"))
    pauses = []
    for _ in range(30):
        assert one.is_due
        one.install()
        assert one.fault.startswith("The bundle is not in storage")
        assert not one.is_due
        pauses.append(one.retry_at - now)
        now = one.retry_at
    # Then the pauses grow, up to five minutes
    assert pauses[:3] == [2.0, 4.0, 8.0] and pauses[-1] == 300.0
    one.install()
    assert len(one.log) <= MAX_LOG and one.log.endswith(f"{one.fault}\n")
    # And a change, such as of the trusted keys, is reason to try at once
    path.with_suffix(".away").rename(path)
    assert not one.is_due
    os.utime(settings.ENV.trusted_keys_file, (1, 1))
    assert one.is_due
    one.install()
    assert (one.fault, one.failures) == ("", 0)


def test_without_room_it_says_how_much_it_needs(deployed: Deployed) -> None:
    one = deployed()
    one.release.size = 10**18
    one.install()

    assert "It needs 2,000,000,000,000 MB" in one.fault


def test_below_the_lowest_level_it_is_refused(deployed: Deployed) -> None:
    one = deployed(sandbox_level="full")
    one.install()

    assert "a user of its own" in one.fault


def test_what_is_not_wanted_any_more_is_deleted_after_a_day(deployed: Deployed, release: Release) -> None:
    # Given an installed release
    one = deployed()
    installer = Installer(one.env, lambda: None)
    installer.update([Wanted(release, Role.STANDBY)])
    installer.start_due()
    wait_until(lambda: not installer.is_busy, "its installation")
    assert [*installer.configs(0)] == [], "it is there, without a process"
    # When nobody has wanted it for a day
    installer.update([])
    give_back_all_but(installer.in_use())
    folders = [*one.env.fetched.iterdir(), *one.env.environments.iterdir()]
    installer.sweep()
    assert len(folders) == 2 and all(folder.exists() for folder in folders), "it may be wanted again"
    for folder in folders:
        old = folder.stat().st_mtime - UNUSED_SECONDS - 1
        os.utime(folder, (old, old))
    # Then it is gone
    installer.sweep()
    assert not any(folder.exists() for folder in folders)


def test_a_worker_as_root_keeps_the_most_important_ones(
    deployed: Deployed, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployed_release, "probe_release", lambda environment: Level(7, True, True))
    one = deployed()
    installer = Installer(one.env, lambda: None)
    installer.update([Wanted(release, Role.LIVE)])
    installer.releases[release.key].install()

    assert len(installer.configs(taken=62)) == 1 and not installer.crowded
    assert installer.configs(taken=63) == []
    assert installer.state(installer.releases[release.key], None) == CROWDED  # type: ignore[arg-type]


def was_ready(deployed: Deployed) -> DeployedRelease:
    """Install a release, have its host say that it is ready, and return it."""
    one = deployed()
    one.install()
    assert one.recall() is None, "it has never been ready on this machine"
    one.check()
    one.on_ready(Offered(("say",)))
    return one


def test_what_was_ready_before_serves_after_a_restart_once_and_only_when_it_is_found_live(deployed: Deployed) -> None:
    was_ready(deployed)
    # When the worker starts again
    live = deployed()
    live.install()
    # Then its tools are known, for one host; the next one has to start
    assert live.recall() == Offered(("say",))
    assert live.recall() is None
    # And what is rolled out or checked has to start anyhow, as has what is rolled back to
    for role in (Role.ROLLING_OUT, Role.CHECKING, Role.STANDBY):
        other = deployed(role)
        other.install()
        assert other.recall() is None
    live.install()
    live.take_role(Role.STANDBY)
    live.take_role(Role.LIVE)
    assert live.recall() is None


@pytest.mark.parametrize(
    "given", [{"tool_memory_mb": 100}, {"network_plugins": ["acme-tool"]}, {"plugin_import_seconds": 5}]
)
def test_under_other_conditions_it_has_to_start(deployed: Deployed, given: dict[str, Any]) -> None:
    was_ready(deployed)
    one = deployed(**given)
    one.install()
    assert one.recall() is None


def test_a_start_that_does_not_get_ready_is_not_taken_for_one_that_did(deployed: Deployed) -> None:
    # Given a release that was ready, whose host starts once more
    one = was_ready(deployed)
    one.check()
    # When the worker is killed in that moment, and starts again
    again = deployed()
    again.install()
    # Then it has to start
    assert again.recall() is None
    # As it has when it said that it offers something else than its manifest
    again.check()
    again.on_ready(Offered(("say", "more")))
    third = deployed()
    third.install()
    assert third.recall() is None


@pytest.mark.parametrize("damaged", ["record", "code", "bundle"])
def test_one_other_byte_ends_what_was_known(deployed: Deployed, damaged: str) -> None:
    # Given a release that was ready
    one = was_ready(deployed)
    assert one.installation is not None and one.record is not None
    (code,) = one.installation.environment.rglob("acme_tool.py")
    paths = {"record": one.record.path, "code": code, "bundle": one.folder / "bundle.gptx"}
    # When one byte of it changes before the worker starts again
    flip(paths[damaged])
    again = deployed()
    again.install()
    # Then it is not served by what was known; and what was damaged of itself is named, without a run
    assert again.recall() is None
    assert bool(again.fault) is (damaged != "record")
    assert (again.config is None) is (damaged != "record")


def test_a_release_that_is_checked_leaves_no_record(deployed: Deployed) -> None:
    checking = deployed(Role.CHECKING)
    checking.install()
    checking.on_ready(Offered(("say",)))
    live = deployed()
    live.install()
    assert live.recall() is None
