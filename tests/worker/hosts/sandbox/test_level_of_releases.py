"""The isolation of releases is probed once for all environments that differ by their open folders only."""

import sys
from pathlib import Path

import pytest

from worker.hosts.sandbox import isolation_level
from worker.hosts.sandbox.environment import PythonEnvironment, released_environment
from worker.hosts.sandbox.isolation_level import Level, forget_levels, probe_release


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def probe(environment: PythonEnvironment) -> Level:
        found.append(environment.folder.name)
        return Level(7, True)

    probe.cache_clear = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setattr(isolation_level, "probe", probe)
    monkeypatch.setattr(isolation_level, "of_releases", {})
    return found


def make(folder: Path, name: str, mode: int = 0o755) -> PythonEnvironment:
    (folder / name / "bin").mkdir(parents=True)
    (folder / name / "bin" / "python").symlink_to(sys.executable)
    (folder / name).chmod(mode)
    return released_environment(folder / name)


def test_environments_in_one_folder_are_probed_once_until_that_is_forgotten(tmp_path: Path, probed: list[str]) -> None:
    levels = [probe_release(make(tmp_path, name)) for name in ("one", "two", "three")]
    assert levels == [Level(7, True)] * 3
    assert probed == ["one"]
    forget_levels()
    probe_release(make(tmp_path, "four"))
    assert probed == ["one", "four"]


def test_one_elsewhere_and_one_that_not_all_can_read_are_probed_by_themselves(
    tmp_path: Path, probed: list[str]
) -> None:
    probe_release(make(tmp_path / "here", "one"))
    probe_release(make(tmp_path / "there", "two"))
    probe_release(make(tmp_path / "here", "closed", mode=0o700))
    assert probed == ["one", "two", "closed"]
