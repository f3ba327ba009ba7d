"""What lies on a worker's disk of a release is what was approved, or it does not run."""

import io
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.authors.bundle_parts import write_small_bundle
from worker.hosts.releases.bundle_cache import FILE, fetch
from worker.hosts.releases.environment_cleanup import delete_unfinished
from worker.hosts.releases.environment_locks import give_back_all_but, locked_folder
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.installation import Installation, install
from worker.hosts.sandbox.environment import packages_of

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_bundle(tmp_path_factory.mktemp("bundle"))


def fetch_file(path: Path, place: Path) -> Path:
    data = path.read_bytes()
    return fetch(sha256(data).hexdigest(), len(data), lambda: path.open("rb"), place / "bundles")


def install_file(path: Path, place: Path) -> Installation:
    return install(fetch_file(path, place), place / "environments")


@pytest.fixture
def installed(bundle: Path, tmp_path: Path) -> Installation:
    return install_file(bundle, tmp_path)


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def in_library(name: str, change: Change = flip) -> Change:
    return lambda environment: change(packages_of(environment) / name)


def replace_python(environment: Path) -> None:
    python = environment / "bin" / "python"
    python.unlink()
    python.symlink_to("/bin/true")


def link(path: Path) -> None:
    """Put a link in the place of a file, to a copy of it."""
    path.with_suffix(".copy").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(path.with_suffix(".copy"))


def lead_elsewhere(environment: Path) -> None:
    config = environment / "pyvenv.cfg"
    config.write_text("home = /tmp\n" + config.read_text())


HARM: dict[str, Change] = {
    "a module": in_library("acme_tool.py"),
    "a dependency": in_library("gptstore/sdk/__init__.py", lambda path: path.write_text("import os\n") and None),
    "metadata": in_library("acme_tool-1.2.0.dist-info/METADATA"),
    "the wheel's description": in_library("fruit-1.5.dist-info/WHEEL"),
    "a file is gone": in_library("fruit.py", Path.unlink),
    "a file is new": in_library("pydantic.py", Path.touch),
    "a compiled file": in_library("fruit.pyc", Path.touch),
    "a link": in_library("acme_tool.py", link),
    "another interpreter": replace_python,
    "another library": lead_elsewhere,
}


@pytest.mark.parametrize("what", HARM)
def test_an_environment_that_differs_from_its_wheels_is_refused(
    installed: Installation, bundle: Path, tmp_path: Path, what: str
) -> None:
    installed.check()
    HARM[what](installed.environment)

    with pytest.raises(ReleaseError, match="on this worker's disk"):
        installed.check()
    with pytest.raises(ReleaseError):  # and at the next start, whose list of files is made anew
        install_file(bundle, tmp_path)


def test_a_bundle_with_one_other_bit_is_refused(installed: Installation, bundle: Path, tmp_path: Path) -> None:
    flip(installed.folder / FILE)

    with pytest.raises(ReleaseError, match="damaged or changed"):
        installed.check()
    with pytest.raises(ReleaseError):  # in words that depend on where the bit is
        install_file(bundle, tmp_path)


def test_what_the_installer_writes_beside_is_not_compared(installed: Installation) -> None:
    in_library("fruit-1.5.dist-info/RECORD")(installed.environment)

    installed.check()


def test_nothing_is_fetched_or_built_twice(installed: Installation, bundle: Path, tmp_path: Path) -> None:
    made = (installed.environment / "pyvenv.cfg").stat().st_mtime_ns

    def refuse() -> BinaryIO:
        raise AssertionError("it was fetched again")

    folder = fetch(installed.folder.name, bundle.stat().st_size, refuse, tmp_path / "bundles")
    again = install(folder, tmp_path / "environments")
    assert again == installed
    assert (again.environment / "pyvenv.cfg").stat().st_mtime_ns == made
    assert [path.name for path in (tmp_path / "environments").iterdir()] == [installed.environment.name]


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b"X" + data[1:]])
def test_what_the_storage_has_in_its_place_is_not_kept(
    bundle: Path, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    data = bundle.read_bytes()

    with pytest.raises(ReleaseError, match="not what was approved"):
        fetch(sha256(data).hexdigest(), len(data), lambda: io.BytesIO(change(data)), tmp_path)
    assert [*tmp_path.iterdir()] == [], "nothing is left of it"


def test_without_room_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="MB are free"):
        fetch("0" * 64, 10**18, lambda: io.BytesIO(), tmp_path)


def test_what_a_killed_worker_has_begun_is_swept_at_once(tmp_path: Path) -> None:
    (tmp_path / ".fetching-left").mkdir()
    (tmp_path / ("0" * 64)).mkdir()
    with locked_folder(tmp_path, ".building-") as made:
        delete_unfinished(tmp_path)

        assert {path.name for path in tmp_path.iterdir()} == {made.name, "0" * 64}


@pytest.fixture(autouse=True)
def locks() -> Iterator[None]:
    yield
    give_back_all_but(())
