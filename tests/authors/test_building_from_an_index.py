"""`gptstore build` takes packages from an index over HTTP: not the newest ones, and only the files that are locked."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version as sdk_version
from pathlib import Path
from zipfile import ZipFile

import pytest

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.cli.app import run
from tests.authors.package_index import PackageIndex, serve
from tests.authors.projects import BACKEND, write_project
from tests.worker.hosts.releases.wheels import SDK, make, repack


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageIndex]:
    """An index with an old fruit and one of yesterday."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in SDK:
        repack(name, folder)
    make(folder, "acme-backend", "1", {"acme_backend.py": BACKEND.replace("TAG", "py3-none-any")})
    make(folder, "fruit", "1.5", {"fruit.py": ""})
    make(folder, "fruit", "2.0", {"fruit.py": ""})
    yesterday = datetime.now(UTC) - timedelta(days=1)
    index = PackageIndex(folder, {"fruit-2.0-py3-none-any.whl": f"{yesterday:%Y-%m-%dT%H:%M:%SZ}"})
    with serve(index):
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        monkeypatch.setenv("UV_HTTP_RETRIES", "0")
        monkeypatch.setenv("GPTSTORE_CACHE", str(tmp_path / "cache"))
        yield index


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose build backend is in the index."""
    folder = write_project(tmp_path / "acme", ["fruit"], imports="import fruit")
    text = (folder / "pyproject.toml").read_text()
    text = text.replace("requires = []", 'requires = ["acme-backend"]').replace('backend-path = ["."]\n', "")
    (folder / "pyproject.toml").write_text(text.replace('build-backend = "backend"', 'build-backend = "acme_backend"'))
    (folder / "backend.py").unlink()
    return folder


def versions(project: Path) -> dict[str, str]:
    with Bundle.open(project / "dist" / "acme-tool-1.2.0.gptx") as bundle:
        return {pin.name: pin.version for pin in bundle.contents.pins}


def test_a_package_that_was_uploaded_yesterday_is_too_new(index: PackageIndex, project: Path) -> None:
    assert run(["build", str(project)]) == 0
    assert versions(project)["fruit"] == "1.5"

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert run(["build", str(project), "--upgrade", "--force", "--exclude-newer", today]) == 0
    assert versions(project)["fruit"] == "2.0"


def test_nothing_about_the_index_gets_into_a_file(index: PackageIndex, project: Path) -> None:
    assert run(["build", str(project)]) == 0

    assert "http" not in (project / "gptstore.lock").read_text()
    assert index.address.encode() not in (project / "dist" / "acme-tool-1.2.0.gptx").read_bytes()


def test_nobody_puts_another_sdk_into_the_index(index: PackageIndex, project: Path) -> None:
    # Given somebody who uploaded a package with the SDK's name
    make(index.folder, "gptstore-sdk", "99.0", {"gptstore/sdk/__init__.py": "raise SystemExit('mine')"})

    assert run(["build", str(project)]) == 0
    assert versions(project)["gptstore-sdk"] != "99.0"


def test_another_file_than_the_index_names_is_refused(
    index: PackageIndex, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "fruit-1.5-py3-none-any.whl"
    index.replaced[name] = (index.folder / name).read_bytes() + b"\0"

    assert run(["build", str(project)]) == 1
    assert f"{name} is not the file that was locked" in capsys.readouterr().err
    assert not (project / "gptstore.lock").exists()


def test_a_file_that_the_index_lost_is_said(
    index: PackageIndex, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index.replaced["fruit-1.5-py3-none-any.whl"] = b""

    assert run(["build", str(project)]) == 1
    assert "The package index answers 404 Not Found for fruit-1.5-py3-none-any.whl" in capsys.readouterr().err


def test_a_second_build_needs_no_network(index: PackageIndex, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a bundle
    bundle = project / "dist" / "acme-tool-1.2.0.gptx"
    assert run(["build", str(project)]) == 0
    before = bundle.read_bytes()
    bundle.unlink()
    # When the index does not answer any more
    index.silent = True
    # Then the build backend comes from uv's cache, and the wheels from ours
    assert run(["build", str(project)]) == 0
    assert bundle.read_bytes() == before


def test_for_another_kind_of_machine_it_describes_itself_by_wheels_of_this_one(
    index: PackageIndex, project: Path
) -> None:
    # Given wheels for a platform that this machine is not, and a package with the SDK's name and version
    for path in [path for path in index.folder.glob("*.whl") if "-cp3" in path.name]:
        name, number, *_ = path.name.split("-")
        with ZipFile(shutil.copy(path, index.folder / f"{name}-{number}-cp311-cp311-win_amd64.whl"), "a") as wheel:
            wheel.comment = b"For Windows."
    version = sdk_version("gptstore-sdk")
    foreign = make(index.folder, "gptstore-sdk", version, {"gptstore/sdk/describe.py": "exit(9)"})
    foreign.rename(index.folder / f"gptstore_sdk-{version}-1-py3-none-any.whl")  # a build that is preferred

    assert run(["build", str(project), "--platform", "windows-x86_64-cp311"]) == 0

    with Bundle.open(project / "dist" / "acme-tool-1.2.0.gptx") as bundle:
        assert bundle.contents.manifest.tools[0].slug == "shout"
        assert {wheel.tag for wheel in bundle.wheels} == {"py3-none-any", "cp311-cp311-win_amd64"}
