"""The folders of workers that were killed are swept; those of living ones are not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.process import ROOT
from worker.hosts.sandbox.host_folder import PREFIX, HostFolder, sweep_abandoned

WORKER = """
import sys, time
from worker.hosts.sandbox.host_folder import HostFolder
folder = HostFolder("gptstore-summarizer", None)
(folder.new() / "file").write_text("x")
print(folder.path, flush=True)
time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of this process and of others that it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def other(temporary: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """Another worker with a folder."""
    command = [sys.executable, "-c", WORKER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_a_killed_workers_folder_is_swept_and_a_living_ones_is_not(
    temporary: Path, other: tuple["subprocess.Popen[str]", Path]
) -> None:
    # Given a folder of this worker, one of another, and some that are nobody's
    own = HostFolder("gptstore-qa", None)
    process, folder = other
    strange = temporary / "gptstore-hostile-1"
    strange.mkdir()
    # When another worker starts
    sweep_abandoned()
    # Then all are there
    assert folder.is_dir()
    assert own.path.is_dir()
    # And when the other worker has been killed, its folder is gone
    process.send_signal(signal.SIGKILL)
    process.wait()
    sweep_abandoned()
    assert not folder.exists()
    assert own.path.is_dir()
    assert strange.is_dir()
    own.close()
    assert not own.path.exists()


def test_a_link_with_the_name_of_one_is_not_followed(temporary: Path) -> None:
    precious = temporary / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    (temporary / f"{PREFIX}x").symlink_to(precious)
    sweep_abandoned()
    assert (precious / "file").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_the_folder_of_another_user_is_left_to_them(temporary: Path) -> None:
    folder = temporary / f"{PREFIX}x"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    sweep_abandoned()
    assert folder.is_dir()


def test_what_is_left_of_a_run_is_swept_and_what_is_used_is_not(temporary: Path) -> None:
    folder = HostFolder("gptstore-qa", None)
    used = folder.new()
    (folder.path / "stray" / "inner").mkdir(parents=True)
    folder.sweep()
    assert os.listdir(folder.path) == [used.name]
    folder.delete(used)
    assert os.listdir(folder.path) == []
    folder.close()
