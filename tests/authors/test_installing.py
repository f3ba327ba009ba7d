"""`gptstore install`, `upgrade`, `uninstall` and `list` change the releases of a store's folder, whole ones only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import ReleaseFolderError
from gptstore.sdk.bundle.installed import find_installed, upgrade
from gptstore.sdk.bundle.signing_key import SigningKey
from gptstore.sdk.cli.app import run
from tests.authors.bundle_parts import write_small_bundle
from tests.authors.projects import write_project
from tests.worker.hosts.releases.wheels import SDK, repack
from worker.hosts.releases.release import Release, find_releases


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "releases"
    monkeypatch.setenv("GPTSTORE_RELEASES", str(folder))
    monkeypatch.setenv("GPTSTORE_VAR", str(tmp_path / "var"))
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_small_bundle(tmp_path / "first")


@pytest.fixture
def later(tmp_path: Path) -> Path:
    return write_small_bundle(tmp_path / "later", version="1.3.0")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_bundle_becomes_a_release(bundle: Path, releases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["install", str(bundle), "--no-sync"]) == 0

    assert capsys.readouterr().out == f"{releases / 'acme-tool-1.2.0'}\n"
    assert [release.name for release in find_releases(releases)] == ["acme-tool-1.2.0"]
    Release(releases / "acme-tool-1.2.0").check()


def test_what_is_installed_is_listed(bundle: Path, releases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Given a release from a bundle, and one that somebody made by hand
    run(["install", str(bundle), "--no-sync"])
    (releases / "by-hand" / "wheels").mkdir(parents=True)
    capsys.readouterr()

    assert run(["list"]) == 0
    assert capsys.readouterr().out == f"acme-tool 1.2.0  {releases / 'acme-tool-1.2.0'}\n"
    assert run(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == "1.2.0"


def test_to_install_it_again_changes_nothing(bundle: Path, releases: Path) -> None:
    run(["install", str(bundle), "--no-sync"])
    before = (releases / "acme-tool-1.2.0").stat().st_ino

    assert run(["install", str(bundle), "--no-sync"]) == 0
    assert (releases / "acme-tool-1.2.0").stat().st_ino == before


def test_another_version_is_an_upgrade(
    bundle: Path, later: Path, releases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["install", str(bundle), "--no-sync"])

    assert run(["install", str(later), "--no-sync"]) == 1
    assert "acme-tool 1.2.0 is installed. `gptstore upgrade` replaces it." in capsys.readouterr().err
    assert names(releases) == ["acme-tool-1.2.0"]
    assert run(["upgrade", str(later), "--no-sync"]) == 0
    assert names(releases) == ["acme-tool-1.3.0"]
    assert run(["upgrade", str(bundle), "--no-sync"]) == 0
    assert names(releases) == ["acme-tool-1.2.0"]


def test_the_same_version_with_other_content_is_an_upgrade(bundle: Path, releases: Path, tmp_path: Path) -> None:
    run(["install", str(bundle), "--no-sync"])
    signed = write_small_bundle(tmp_path / "other", code="WORD = 'other'")

    assert run(["install", str(signed), "--no-sync"]) == 1
    assert run(["upgrade", str(signed), "--no-sync"]) == 0
    assert names(releases) == ["acme-tool-1.2.0"]


def test_an_upgrade_that_fails_leaves_the_release_that_was_there(bundle: Path, later: Path, releases: Path) -> None:
    run(["install", str(bundle), "--no-sync"])
    damaged = later.with_name("damaged.gptx")
    damaged.write_bytes(later.read_bytes()[:-1])
    with Bundle.open(later) as opened:
        os.truncate(later, 5000)  # while it is unpacked

        with pytest.raises(Exception, match=r"breaks off|changed"):
            upgrade(opened, releases)

    assert run(["upgrade", str(damaged), "--no-sync"]) == 1
    assert names(releases) == ["acme-tool-1.2.0"]


def test_what_is_uninstalled_is_gone(bundle: Path, releases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["install", str(bundle), "--no-sync"])

    assert run(["uninstall", "Acme_Tool", "--no-sync"]) == 0
    assert names(releases) == []
    assert run(["uninstall", "acme-tool", "--no-sync"]) == 1
    assert "No release of acme-tool is in" in capsys.readouterr().err


def test_a_bundle_of_somebody_else_is_refused(
    bundle: Path, releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SigningKey.create(tmp_path / "key")

    assert run(["install", str(bundle), "--no-sync", "--signed-by", str(tmp_path / "key.pub")]) == 1
    assert "The bundle is not signed" in capsys.readouterr().err
    assert not releases.exists()


def test_a_folder_is_needed(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GPTSTORE_RELEASES", raising=False)

    assert run(["install", str(bundle)]) == 2
    assert "Say where the store has its releases" in capsys.readouterr().err
    assert run(["list", "--releases", str(tmp_path / "none")]) == 1
    assert "cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_release_whose_header_is_broken_is_named(releases: Path) -> None:
    (releases / "x").mkdir(parents=True)
    (releases / "x" / "bundle.json").write_text("{}")

    with pytest.raises(ReleaseFolderError, match="cannot be read"):
        find_installed(releases)


def test_a_projects_folder_is_in_the_catalogue_at_once(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a store whose database is new, and an author's folder
    links = tmp_path / "links"
    links.mkdir()
    for name in SDK:
        repack(name, links)
    project = write_project(tmp_path / "acme")
    settings = {
        "GPTSTORE_VAR": str(tmp_path / "var"),
        "GPTSTORE_SECRET_KEY": "x" * 60,
        "GPTSTORE_SANDBOX_LEVEL": "none",
    }
    for name, value in {**settings, "UV_FIND_LINKS": str(links), "UV_NO_INDEX": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "gptstore.settings")
    monkeypatch.setenv("GPTSTORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GPTSTORE_DATABASE_URL", raising=False)
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity=0"], check=True)
    # When it is installed
    assert run(["install", str(project)]) == 0, capsys.readouterr().err
    # Then its tool is there, and the author's folder is as it was
    assert "shout" in capsys.readouterr().err
    assert not (project / "gptstore.lock").exists() and not (project / "dist").exists()
