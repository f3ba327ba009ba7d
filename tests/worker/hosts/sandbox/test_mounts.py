"""What a host sees of the file system."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from worker.hosts.sandbox.environment import ROOT, own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.policy import Policy

pytestmark = pytest.mark.landlock

See = Callable[..., Any]


@pytest.fixture
def see(tmp_path: Path) -> See:
    """Evaluate an expression in a process that sees these paths, its Python, and its own folder."""
    if not probe(own_environment()).namespaces:
        pytest.skip(f"not on this machine: {probe(own_environment()).missing}")
    own = tmp_path / "own"
    own.mkdir()

    def evaluate(expression: str, *read: Path) -> Any:
        readable = [*own_environment().readable, *map(str, read)]
        policy = Policy(readable, [str(own)], landlock=False, seccomp=False, namespaces=True)
        code = f"import json, os, pathlib; print(json.dumps({expression}))"
        launch = [sys.executable, "-m", "worker.hosts.sandbox.launch", policy.encode(), str(os.getpid()), str(own)]
        done = subprocess.run([*launch, sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return evaluate


def test_it_sees_what_it_may_read_and_nothing_beside_it(see: See, tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "text").write_text("a text")
    (tmp_path / "hidden").write_text("a secret")

    assert see(f"os.listdir({str(tmp_path)!r})", tmp_path / "shown") == ["shown", "own"]
    assert see(f"pathlib.Path({str(tmp_path)!r}, 'shown', 'text').read_text()", tmp_path / "shown") == "a text"


def test_a_single_file_can_be_shown(see: See, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("one")
    (tmp_path / "two").write_text("two")

    assert sorted(see(f"os.listdir({str(tmp_path)!r})", tmp_path / "one")) == ["one", "own"]


@pytest.mark.parametrize("target", ["folders/real", "{}/folders/real", "folders/../folders/real", "other"])
def test_links_on_the_way_lead_where_they_led(see: See, tmp_path: Path, target: str) -> None:
    (tmp_path / "folders" / "real").mkdir(parents=True)
    (tmp_path / "folders" / "real" / "text").write_text("a text")
    (tmp_path / "other").symlink_to("folders/real")
    (tmp_path / "link").symlink_to(target.format(tmp_path))

    text = tmp_path / "link" / "text"
    assert see(f"pathlib.Path({str(text)!r}).read_text()", text) == "a text"


@pytest.mark.parametrize("name", ["absent", "loop", "dangling"])
def test_what_is_not_there_is_left_out(see: See, tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")

    assert see("'it starts'", tmp_path / name) == "it starts"


def test_only_its_own_folder_can_be_changed(see: See, tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    text = tmp_path / "shown" / "text"
    text.write_text("a text")
    text.chmod(0o666)

    for change in ("write_text('changed')", "chmod(0o777)", "unlink()", "with_name('new').touch()"):
        with pytest.raises(AssertionError, match="Read-only file system"):
            see(f"pathlib.Path({str(text)!r}).{change}", tmp_path / "shown")
    with pytest.raises(AssertionError, match="Read-only file system"):
        see("pathlib.Path('/new').mkdir()")
    assert see("pathlib.Path('mine').write_text('mine')") == 4
    assert (tmp_path / "own" / "mine").read_text() == "mine"
