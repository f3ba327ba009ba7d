"""An upgrade keeps what it replaces until it is sure, and what a killed one leaves is rolled back."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import ReleaseFolderError
from gptstore.sdk.bundle.installed import find_installed, install, uninstall, upgrade
from gptstore.sdk.bundle.rollback import Kept, keep, roll_back_cut_off
from gptstore.sdk.bundle.upgrade import Upgrade
from tests.authors.bundle_parts import write_small_bundle
from worker.process.release_plan import roll_back_upgrades

KILL = """
import os, signal, sys
from pathlib import Path
from gptstore.sdk.bundle import rollback
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.installed import upgrade

bundle, releases, renamings, end = sys.argv[1:]
left, rename = int(renamings), Path.rename

def rename_or_die(self, target):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return rename(self, target)

with Bundle.open(Path(bundle)) as opened:
    if end == "upgrade":
        Path.rename = rename_or_die
    done = upgrade(opened, Path(releases))
    Path.rename = rename_or_die
    done.confirm() if end == "confirm" else done.roll_back()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    folder = tmp_path / "releases"
    folder.mkdir()
    put(install, write_small_bundle(tmp_path / "first"), folder)
    return folder


@pytest.fixture(params=["1.3.0", "1.2.0"])
def later(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Another version, and the same one with other content."""
    return write_small_bundle(tmp_path / "later", version=request.param, code="WORD = 'later'")


def put(action: Callable[[Bundle, Path], object], bundle: Path, releases: Path) -> object:
    with Bundle.open(bundle) as opened:
        return action(opened, releases)


def upgraded(bundle: Path, releases: Path) -> Upgrade:
    done = put(upgrade, bundle, releases)
    assert isinstance(done, Upgrade)
    return done


def content(releases: Path) -> dict[str, bytes]:
    return {one.folder.name: one.checksums for one in find_installed(releases)}


def hidden(releases: Path) -> list[str]:
    return [path.name for path in releases.iterdir() if path.name.startswith(".kept-")]


def test_an_upgrade_is_confirmed_or_rolled_back(releases: Path, later: Path) -> None:
    before = content(releases)
    # When it is rolled back, the version before is there as it was
    done = upgraded(later, releases)
    assert content(releases).keys() == {done.folder.name} and content(releases) != before
    done.roll_back()
    assert (content(releases), hidden(releases), done.before) == (before, [], "acme-tool 1.2.0")
    # When it is confirmed, nothing of that is left
    upgraded(later, releases).confirm()
    assert [path.name for path in releases.iterdir()] == [done.folder.name]
    assert content(releases) != before


@pytest.mark.parametrize(
    ("end", "renamings"), [("upgrade", 1), ("upgrade", 2), ("upgrade", 3), ("roll back", 0), ("roll back", 1)]
)
@pytest.mark.parametrize("mend", [roll_back_cut_off, roll_back_upgrades, lambda folder: uninstall("acme-tool", folder)])
def test_what_a_killed_upgrade_leaves_is_rolled_back(
    releases: Path, later: Path, end: str, renamings: int, mend: Callable[[Path], object]
) -> None:
    # Given an upgrade that is killed between two renamings
    before = content(releases)
    killed = subprocess.run([sys.executable, "-c", KILL, str(later), str(releases), str(renamings), end])
    assert killed.returncode == -signal.SIGKILL
    # When a command or a worker comes by
    mended = mend(releases)
    # Then the version before is there as it was
    assert hidden(releases) == []
    assert content(releases) == ({} if isinstance(mended, dict) else before)


def test_one_that_is_killed_once_it_is_sure_is_not_rolled_back(releases: Path, later: Path) -> None:
    subprocess.run([sys.executable, "-c", KILL, str(later), str(releases), "1", "confirm"])
    after = content(releases)

    assert roll_back_cut_off(releases) == []
    assert content(releases) == after and len(after) == 1


def test_nobody_touches_an_upgrade_that_goes_on(releases: Path, later: Path) -> None:
    done = upgraded(later, releases)
    after = content(releases)

    assert roll_back_cut_off(releases) == []
    for change in (lambda: uninstall("acme-tool", releases), lambda: upgraded(later, releases)):
        with pytest.raises(ReleaseFolderError, match="Another command upgrades acme-tool just now"):
            change()
    assert content(releases) == after
    done.confirm()
    assert uninstall("acme-tool", releases)


def test_a_version_that_cannot_be_taken_away_stays(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(releases)

    with pytest.raises(FileNotFoundError):
        keep(releases / "acme-tool-1.3.0", [releases / "acme-tool-1.2.0", releases / "none"])
    assert (content(releases), hidden(releases)) == (before, [])


def test_where_a_worker_may_not_write_it_leaves_the_folder(
    releases: Path, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = upgraded(later, releases).kept
    assert kept is not None and kept.lock is not None
    os.close(kept.lock)
    monkeypatch.setattr(Path, "rename", refuse)

    roll_back_upgrades(releases)
    assert hidden(releases) == [kept.place.name]
    with pytest.raises(ReleaseFolderError, match="cannot be changed: Read-only file system"):
        uninstall("acme-tool", releases)
    assert Kept(kept.place, kept.new, None).versions


def refuse(*_: object) -> Path:
    raise OSError(30, "Read-only file system")
