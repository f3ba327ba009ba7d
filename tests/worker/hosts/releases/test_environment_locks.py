"""Environments of releases are deleted when nobody uses them, and not before."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import time

import pytest

from worker.hosts.releases import build as build_module
from worker.hosts.releases.build import build
from worker.hosts.releases.environment_cleanup import UNUSED_SECONDS, delete, delete_unfinished, delete_unused
from worker.hosts.releases.environment_locks import give_back_all_but, hold, locked_folder
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.release import Release

Environment = Callable[[str], Path]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """One that somebody began to use more than a day ago."""

    def make(name: str) -> Path:
        (tmp_path / name / "lib").mkdir(parents=True)
        (tmp_path / name / "lib" / "module.py").touch()
        return make_old(tmp_path / name)

    return make


def make_old(folder: Path) -> Path:
    long_ago = time() - UNUSED_SECONDS - 60
    os.utime(folder, (long_ago, long_ago))
    return folder


@contextmanager
def other_worker(folder: Path) -> Iterator[None]:
    """A process that runs with it."""
    code = "import sys; from pathlib import Path; from worker.hosts.releases.environment_locks import hold; "
    code += "print(hold(Path(sys.argv[1])), flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "True\n"
        yield
        process.kill()


@pytest.mark.parametrize("name", ["acme-1-0123456789abcdef", ".building-x1", ".gone-acme-1-0123456789abcdef"])
def test_what_nobody_began_to_use_for_a_day_is_deleted(environment: Environment, tmp_path: Path, name: str) -> None:
    environment(name)
    delete_unused(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_somebody_began_to_use_today_stays(environment: Environment, tmp_path: Path) -> None:
    recent = environment("acme-1")
    os.utime(recent)
    delete_unused(tmp_path)
    assert (recent / "lib" / "module.py").exists()


def test_what_another_worker_runs_with_stays_until_that_ends(environment: Environment, tmp_path: Path) -> None:
    used = environment("acme-1")
    with other_worker(used):
        make_old(used)
        delete_unused(tmp_path)
        assert (used / "lib" / "module.py").exists()
    delete_unused(tmp_path)
    assert not used.exists()


def test_to_run_with_it_makes_it_recent(environment: Environment) -> None:
    used = environment("acme-1")
    assert hold(used)
    assert time() - used.stat().st_mtime < 60


def test_one_that_is_given_back_can_be_deleted(environment: Environment, tmp_path: Path) -> None:
    used, other = environment("acme-1"), environment("acme-2")
    assert hold(used) and hold(other) and hold(other)
    make_old(used), make_old(other)
    give_back_all_but({used})
    delete_unused(tmp_path)
    assert (used.exists(), other.exists()) == (True, False)


def test_one_that_is_gone_cannot_be_used(environment: Environment, tmp_path: Path) -> None:
    delete(environment("acme-1"))
    assert not hold(tmp_path / "acme-1")


def test_one_that_is_deleted_while_a_worker_comes_is_made_again(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a release whose environment goes between the look for it and its use
    release = make_release(tmp_path)
    place = tmp_path / "place"
    made: list[Path] = []
    monkeypatch.setattr(build_module, "install", lambda release, folder: (folder.mkdir(), made.append(folder)))
    built = build(release, place)
    delete(built)
    # When a worker wants it, then it is made once more
    assert build(release, place) == built
    assert (len(made), built.is_dir()) == (2, True)


def test_a_place_that_takes_no_environment_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release, place = make_release(tmp_path), tmp_path / "place"
    monkeypatch.setattr(build_module, "install", lambda release, folder: folder.mkdir())
    monkeypatch.setattr(build_module, "hold", lambda environment: False)
    with pytest.raises(ReleaseError, match="could not be put at"):
        build(release, place)


def test_a_sweep_never_takes_a_folder_from_the_worker_that_makes_it(tmp_path: Path) -> None:
    made, ended = 0, Event()

    def sweep() -> None:
        while not ended.is_set():
            delete_unfinished(tmp_path)

    sweeps = [Thread(target=sweep) for _ in range(2)]
    for thread in sweeps:
        thread.start()
    try:
        for _ in range(1000):
            with locked_folder(tmp_path, ".building-") as folder:
                (folder / "file").touch()
                made += (folder / "file").exists()
    finally:
        ended.set()
        for thread in sweeps:
            thread.join()
    assert made == 1000


def test_a_place_that_is_not_there_has_nothing_to_delete(tmp_path: Path) -> None:
    delete_unused(tmp_path / "none")


def make_release(folder: Path) -> Release:
    home = folder / "acme-1"
    (home / "wheels").mkdir(parents=True)
    (home / "requirements.txt").touch()
    return Release(home)
