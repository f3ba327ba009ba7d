"""Where plugins run, and which of them may."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gptstore.env import Environment
from worker.hosts.inprocess import InProcessHost
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import Level, LevelName
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import user_for
from worker.hosts.sandbox.sandbox import Sandbox
from worker.process import open_host as open_host_module
from worker.process import release_plan
from worker.process.open_host import OFF, HostSetup, open_host
from worker.process.release_plan import admit, admit_while_users_last, look

NO_SECCOMP = Level(7, False, missing=("seccomp: plugins can open sockets",))
NO_USER = Level(7, True, missing=("a user of its own: only root can read /root",))
FULL = Level(7, True, True)
PLUGINS = ["acme-tool", "gptstore-qa"]
SLUGS = ("chat", "code-writer", "qa", "summarizer", "translator", "writer")
BUILT_IN_TOOLS = {f"gptstore-{slug}": [slug] for slug in SLUGS}
BUILT_IN = [*BUILT_IN_TOOLS]


@pytest.fixture
def opened() -> Iterator[list[HostSetup]]:
    shelters: list[HostSetup] = []
    yield shelters
    for one in shelters:
        one.host.close()


@pytest.mark.parametrize(("level", "name"), [(OFF, "none"), (NO_SECCOMP, "none"), (NO_USER, "reduced"), (FULL, "full")])
def test_a_sandbox_without_its_two_locks_is_none(level: Level, name: str) -> None:
    assert level.name == name


@pytest.mark.parametrize(
    ("level", "lowest"),
    [(FULL, "full"), (FULL, "none"), (NO_USER, "reduced"), (NO_USER, "none"), (NO_SECCOMP, "none"), (OFF, "none")],
)
def test_every_plugin_runs_where_the_level_suffices(level: Level, lowest: LevelName) -> None:
    assert admit(PLUGINS, level, lowest) == (PLUGINS, {})


@pytest.mark.parametrize(
    ("level", "lowest"), [(NO_USER, "full"), (NO_SECCOMP, "full"), (NO_SECCOMP, "reduced"), (OFF, "reduced")]
)
def test_below_it_only_what_is_built_in_runs_and_the_others_are_refused_with_the_reason(
    level: Level, lowest: LevelName
) -> None:
    admitted, refused = admit(PLUGINS, level, lowest)
    assert admitted == ["gptstore-qa"]
    assert list(refused) == ["acme-tool"]
    assert level.missing[0] in refused["acme-tool"]
    assert f"not {lowest} (GPTSTORE_SANDBOX_LEVEL)" in refused["acme-tool"]


def test_when_it_is_off_plugins_run_within_the_worker(opened: list[HostSetup]) -> None:
    opened.append(open_host(Environment(sandbox=False)))
    assert isinstance(opened[0].host, InProcessHost)
    assert (opened[0].level.name, opened[0].host.tools) == (
        "none",
        BUILT_IN_TOOLS,
    )


def test_where_there_is_no_linux_it_says_so(monkeypatch: pytest.MonkeyPatch, opened: list[HostSetup]) -> None:
    monkeypatch.setattr(open_host_module.sys, "platform", "darwin")
    opened.append(open_host(Environment(plugin_import_seconds=60)))
    assert isinstance(opened[0].host, InProcessHost)
    assert "Linux" in opened[0].level.missing[0]


def test_a_plugin_that_is_refused_is_not_even_imported(
    monkeypatch: pytest.MonkeyPatch, opened: list[HostSetup]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(open_host_module, "installed_names", lambda: [*BUILT_IN, "acme-tool"])
    load = open_host_module.load_plugins
    monkeypatch.setattr(open_host_module, "load_plugins", lambda *, names: asked.append(names) or load(names=names))
    opened.append(open_host(Environment(sandbox=False)))
    assert asked == [BUILT_IN]
    assert list(opened[0].refused) == ["acme-tool"]


def make_homes(count: int, level: Level) -> dict[str, PluginConfig]:
    names = [*(f"acme-{number:02}" for number in range(count - 1)), "gptstore-qa"]
    return {name: PluginConfig(name, own_environment(), level) for name in names}


def test_a_worker_as_root_refuses_plugins_that_it_has_no_user_for() -> None:
    homes, refused = admit_while_users_last(make_homes(65, FULL))
    assert (len(homes), "gptstore-qa" in homes) == (63, True)
    assert list(refused) == ["acme-62", "acme-63"]
    assert "63 plugins" in refused["acme-62"]
    assert [user_for(number) for number in range(len(homes))], "each has a number of its own"


@pytest.mark.parametrize(("count", "level"), [(63, FULL), (200, NO_USER)])
def test_as_many_run_as_there_are_users_for_or_all_that_share_one(count: int, level: Level) -> None:
    assert admit_while_users_last(homes := make_homes(count, level)) == (homes, {})


def test_a_worker_starts_without_the_plugins_that_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(release_plan, "FOR_PROBES", 3)
    monkeypatch.setattr(open_host_module, "level_of_worker", lambda env: FULL)
    monkeypatch.setattr(
        open_host_module, "open_sandbox", lambda configs, env: started.extend(one.plugin for one in configs)
    )
    opened = open_host(Environment(plugin_import_seconds=60))
    assert started == BUILT_IN[:3]
    assert list(opened.refused) == BUILT_IN[3:]


@pytest.mark.landlock
def test_by_default_plugins_are_shut_in(opened: list[HostSetup]) -> None:
    opened.append(open_host(Environment(plugin_import_seconds=60)))
    assert isinstance(opened[0].host, Sandbox)
    assert opened[0].level.name in ("full", "reduced")
    assert opened[0].host.tools == BUILT_IN_TOOLS


def test_a_release_whose_wheels_still_grow_looks_otherwise(tmp_path: Path) -> None:
    # Given a release that somebody copies into the folder by hand
    wheels = tmp_path / "acme-tool-1.0" / "wheels"
    wheels.mkdir(parents=True)
    wheel = wheels / "acme_tool-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK")
    before = look(tmp_path)
    assert look(tmp_path) == before
    # When the copy goes on, without another name in any folder
    with wheel.open("ab") as file:
        file.write(b"more")
    # Then it is in the middle of a change
    assert look(tmp_path) != before
