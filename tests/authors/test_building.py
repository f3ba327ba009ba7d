"""`gptstore build` makes one file of a project, the same one each time, and says what it cannot do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.signing_key import SigningKey
from gptstore.sdk.cli.app import run
from gptstore.sdk.wheels.errors import MissingUvError
from gptstore.sdk.wheels.uv import find_uv
from tests.authors.projects import write_project
from tests.worker.hosts.releases.wheels import SDK, make, repack
from worker.hosts.releases.build import build
from worker.hosts.releases.release import Release

Build = Callable[..., int]


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all wheels that a test may ask for: those of the SDK's dependencies, and small ones."""
    folder = tmp_path_factory.mktemp("links")
    for name in SDK:
        repack(name, folder)
    make(folder, "fruit", "1.5", {"fruit.py": "KIND = 'pear'"})
    make(folder, "fruit", "2.0", {"fruit.py": "KIND = 'plum'"}, ["stone; sys_platform == 'win32'"])
    make(folder, "stone", "1.0", {"stone.py": ""})
    shutil.copy(make(folder, "ore", "1.0", {"ore.py": ""}), folder / "ore-1.0-cp311-cp311-win_amd64.whl")
    (folder / "ore-1.0-py3-none-any.whl").unlink()
    (folder / "clay-1.0.tar.gz").touch()
    return folder


@dataclass(frozen=True)
class Built:
    """A project that was built once, and the cache that this left."""

    project: Path
    cache: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, links: Path) -> Built:
    folder = tmp_path_factory.mktemp("built")
    project = write_project(folder / "acme", ["fruit<2"], imports="import fruit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPTSTORE_CACHE", str(folder / "cache"))
        assert run(["build", str(project), "--no-index", "--find-links", str(links)]) == 0
    return Built(project, folder / "cache")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, built: Built, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with what the first build left there."""
    shutil.copytree(built.cache, tmp_path / "cache")
    monkeypatch.setenv("GPTSTORE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def project(tmp_path: Path, built: Built) -> Path:
    """A project that was never built."""
    left_out = shutil.ignore_patterns("dist", "gptstore.lock")
    return Path(shutil.copytree(built.project, tmp_path / "acme", ignore=left_out))


@pytest.fixture
def bundle(project: Path, built: Built) -> Path:
    """The bundle of the project, which was built."""
    shutil.copytree(built.project, project, dirs_exist_ok=True)
    return project / "dist" / "acme-tool-1.2.0.gptx"


@pytest.fixture
def gptstore_build(links: Path) -> Build:
    """Build from the folder with wheels alone."""
    return lambda project, *options: run(["build", str(project), "--no-index", "--find-links", str(links), *options])


def test_it_prints_where_the_bundle_is(
    project: Path, gptstore_build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gptstore_build(project) == 0

    assert capsys.readouterr().out == f"{project / 'dist' / 'acme-tool-1.2.0.gptx'}\n"


def test_it_holds_the_plugin_its_dependencies_and_what_it_says_of_itself(bundle: Path) -> None:
    with Bundle.open(bundle) as opened:
        assert opened.contents.manifest.tools[0].slug == "shout"
        assert opened.contents.header.platforms == ["linux-x86_64-cp311"]
        assert opened.contents.licences["acme-tool"] == "MIT"
        names = {wheel.name for wheel in opened.wheels}
        assert names == {"acme-tool", "fruit", "gptstore-sdk", *SDK}
        assert "examples/shout.json" in opened.archive.entries


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the bundle is for CPython 3.11")
def test_a_worker_makes_its_environment_of_the_unpacked_bundle(bundle: Path, tmp_path: Path) -> None:
    with Bundle.open(bundle) as opened:
        opened.unpack(tmp_path / "releases" / "acme")

    environment = build(Release(tmp_path / "releases" / "acme"), tmp_path / "place")

    library = environment / "lib" / "python3.11" / "site-packages"
    assert (library / "acme_tool.py").is_file() and (library / "gptstore" / "sdk" / "__init__.py").is_file()


def test_another_day_folder_umask_locale_and_time_zone_make_the_same_file(
    bundle: Path, project: Path, links: Path, tmp_path: Path
) -> None:
    # Given a copy of the project elsewhere, whose files are of another day
    copy = tmp_path / "elsewhere" / "with spaces é"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("dist"))
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    # When somebody else builds it
    variables = {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONHASHSEED": "7",
        "SOURCE_DATE_EPOCH": "1",
    }
    code = "import os, sys; os.umask(0o077); from gptstore.sdk.cli.app import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "build", str(copy), "--no-index", "--find-links", str(links)]
    subprocess.run(command, env={**os.environ, **variables, "GPTSTORE_CACHE": str(tmp_path / "empty")}, check=True)
    # Then it is the same file
    assert (copy / "dist" / bundle.name).read_bytes() == bundle.read_bytes()


def test_a_second_build_needs_no_package_from_anywhere(bundle: Path, project: Path, tmp_path: Path) -> None:
    # Given a bundle, and no index and no folder with wheels any more
    before = bundle.read_bytes()
    bundle.unlink()

    assert run(["build", str(project), "--no-index"]) == 0
    assert bundle.read_bytes() == before


def test_what_is_in_the_project_does_not_get_into_the_bundle(
    bundle: Path, project: Path, gptstore_build: Build
) -> None:
    # Given what builds, tests and people leave in a folder
    before = bundle.read_bytes()
    for name in ("build/lib/old.py", "__pycache__/old.py", ".venv/old.py", "acme_tool.egg-info/PKG-INFO", ".git/x"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    (project / "gone").symlink_to("/nowhere/at/all")

    assert gptstore_build(project, "--force") == 0
    assert bundle.read_bytes() == before
    assert not (project / "RECORD").exists()


def test_a_bundle_of_the_same_version_with_other_content_stays(
    bundle: Path, project: Path, gptstore_build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bundle.read_bytes()
    (project / "more.py").touch()

    assert gptstore_build(project) == 1
    assert "is there with other content. Raise the version in pyproject.toml, or build with" in capsys.readouterr().err
    assert bundle.read_bytes() == before
    assert gptstore_build(project, "--force") == 0
    assert bundle.read_bytes() != before


def test_the_lock_is_kept_until_the_requirements_change(bundle: Path, project: Path, gptstore_build: Build) -> None:
    # Given a lock
    lock = project / "gptstore.lock"
    before = lock.read_text()
    assert "# exclude-newer: 20" in before and "fruit==1.5 \\\n    --hash=sha256:" in before
    # When nothing changed, it is kept
    write_project(project, ["fruit<2"], "1.3.0", imports="import fruit")
    assert gptstore_build(project) == 0
    assert lock.read_text() == before
    # When another version is allowed, the one that is locked is kept, until somebody wants newer ones
    write_project(project, ["fruit<3"], "1.4.0", imports="import fruit")
    assert gptstore_build(project) == 0
    assert "fruit==1.5" in lock.read_text() != before
    assert gptstore_build(project, "--upgrade", "--force") == 0
    assert "fruit==2.0" in lock.read_text()


def test_the_time_of_the_lock_is_kept(bundle: Path, project: Path, gptstore_build: Build) -> None:
    lock = project / "gptstore.lock"
    assert gptstore_build(project, "--force", "--exclude-newer", "2026-01-31") == 0
    assert "# exclude-newer: 2026-02-01T00:00:00Z\n" in lock.read_text()

    assert gptstore_build(project, "--force") == 0
    assert "# exclude-newer: 2026-02-01T00:00:00Z\n" in lock.read_text()


def test_several_platforms_share_one_lock(project: Path, gptstore_build: Build, links: Path) -> None:
    # Given a dependency that only one of them has
    write_project(project, ["fruit", "ore; sys_platform == 'win32'"])
    for name in ("pydantic_core", "regex"):
        source = next(links.glob(f"{name}-*-cp311-*.whl"))
        parts = source.name.split("-")
        copy = shutil.copy(source, links / f"{parts[0]}-{parts[1]}-cp311-cp311-win_amd64.whl")
        with ZipFile(copy, "a") as wheel:
            wheel.comment = b"For Windows."

    assert gptstore_build(project, "--platform", "linux-x86_64", "--platform", "windows-x86_64-cp311") == 0

    with Bundle.open(project / "dist" / "acme-tool-1.2.0.gptx") as opened:
        pins = {pin.name: pin for pin in opened.contents.pins}
        assert opened.contents.header.platforms == ["linux-x86_64-cp311", "windows-x86_64-cp311"]
        assert pins["fruit"].marker == ""
        assert pins["ore"].marker.startswith("sys_platform == 'win32' and platform_machine == 'AMD64'")
        assert pins["stone"].marker == pins["ore"].marker
        opened.unpack(project / "release")
    Release(project / "release").check()


def test_a_signed_bundle_names_its_key(
    project: Path, gptstore_build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["keys", "new", str(tmp_path / "key")]) == 0
    assert capsys.readouterr().out.strip() == SigningKey.read(tmp_path / "key").public
    assert gptstore_build(project, "--sign", str(tmp_path / "key")) == 0

    bundle = project / "dist" / "acme-tool-1.2.0.gptx"
    assert run(["inspect", str(bundle), "--signed-by", str(tmp_path / "key.pub")]) == 0
    SigningKey.create(tmp_path / "other")
    assert run(["inspect", str(bundle), "--signed-by", str(tmp_path / "other.pub")]) == 1
    assert "Another key signed the bundle" in capsys.readouterr().err


def test_the_changelog_travels_with_it(tmp_path: Path, gptstore_build: Build) -> None:
    news = "# 1.2.0\n\n- New.\n"
    project = write_project(tmp_path / "acme")
    (project / "CHANGELOG.md").write_text(news, encoding="utf-8")

    assert gptstore_build(project) == 0

    with Bundle.open(project / "dist" / "acme-tool-1.2.0.gptx") as bundle:
        assert bundle.contents.changelog == news


def errors(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().err.splitlines()
    return " ".join(line for line in lines if not line.startswith(("Locking", "Downloading")))


PROBLEMS = {
    "no wheel for the platform": ({"requires": ["ore"]}, "ore has no wheel for linux-x86_64-cp311."),
    "only a source": ({"requires": ["clay"]}, "clay has no wheels, only its source, and a store compiles nothing."),
    "no such package": ({"requires": ["frut"]}, "No index has a package frut. Is the name right?"),
    "no such version": (
        {"requires": ["fruit>3"]},
        "cannot be had together for linux-x86_64-cp311: no version of fruit suits all.",
    ),
    "a later SDK": ({"requires": ["gptstore-sdk>=99"]}, "gptstore-sdk"),
    "an address": (
        {"requires": ["fruit @ https://evil.example/fruit-1-py3-none-any.whl"]},
        "asked for from an address",
    ),
    "compiled code": ({"tag": "cp311-cp311-linux_x86_64"}, "is for one platform only"),
    "no entry point": ({"entry": False}, "The plugin has no entry point. Add [project.entry-points.gptstore]"),
    "an error at import": ({"code": "import nothing_like_it"}, "cannot be loaded from its wheel: No module named"),
    "a file that is not shipped": ({"code": "open('data.txt')"}, "cannot be loaded from its wheel: FileNotFoundError"),
    "a flood at import": ({"code": "import sys; sys.stderr.write('x' * 5_000_000)"}, "it printed more than 4 MB while"),
    "an end at import": ({"code": "import os; os._exit(3)"}, "ended its process with status 3 while it was imported"),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_is_said_in_one_sentence(
    problem: str, tmp_path: Path, gptstore_build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    options, sentence = PROBLEMS[problem]
    project = write_project(tmp_path / "acme", **options)  # type: ignore[arg-type]

    assert gptstore_build(project) == 1
    assert sentence in errors(capsys)
    assert not (project / "dist").exists()


def test_a_backend_that_fails_is_quoted(
    project: Path, gptstore_build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "backend.py").write_text("def build_wheel(*a):\n    raise ValueError('no luck')\n")

    assert gptstore_build(project) == 1
    assert errors(capsys) == "Error: The plugin's wheel cannot be built. ValueError: no luck"


def test_a_network_that_is_not_there_is_said(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")

    assert run(["build", str(project)]) == 1
    assert "The package index (127.0.0.1:9) does not answer. Build again with a network" in errors(capsys)


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (["--platform", "amiga"], 2, "There is no platform 'amiga'. Give one of linux-x86_64"),
        (["--exclude-newer", "yesterday"], 1, "'yesterday' is no date"),
        (["--sign", "none"], 1, "The key none cannot be read"),
        (["--adapter", "none"], 1, "The adapter's folder none cannot be read"),
    ],
)
def test_an_option_that_makes_no_sense_is_said(
    options: list[str],
    status: int,
    sentence: str,
    project: Path,
    gptstore_build: Build,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert gptstore_build(project, *options) == status
    assert sentence in errors(capsys)


def test_a_folder_without_a_project_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", str(tmp_path)]) == 1
    assert "has no pyproject.toml. Go to the plugin's folder, or name it." in errors(capsys)


def test_a_lock_that_was_edited_is_said(
    bundle: Path, project: Path, gptstore_build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "gptstore.lock").write_text("fruit==1.5\n")

    assert gptstore_build(project) == 1
    assert "is no lock, or was edited. Delete it, and build again." in errors(capsys)


def test_a_locked_wheel_that_no_index_has_is_said(
    bundle: Path, project: Path, gptstore_build: Build, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a lock that names a wheel which nobody has any more
    lock = project / "gptstore.lock"
    text = lock.read_text()
    digest = text.split("fruit==1.5 \\\n    --hash=sha256:")[1][:64]
    lock.write_text(text.replace(digest, "0" * 64))

    assert gptstore_build(project) == 1
    assert "No index has the wheel of fruit 1.5 any more that gptstore.lock names" in errors(capsys)


def test_a_damaged_wheel_in_the_cache_is_fetched_again(
    bundle: Path, project: Path, gptstore_build: Build, cache: Path
) -> None:
    before = bundle.read_bytes()
    for path in cache.rglob("fruit-*.whl"):
        path.unlink()
        path.write_bytes(b"damaged")

    assert gptstore_build(project, "--force") == 0
    assert bundle.read_bytes() == before


def test_inspect_shows_and_verifies(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(bundle)]) == 0
    shown = capsys.readouterr().out
    assert "acme-tool 1.2.0" in shown and "shout: Shout" in shown and "signature: none" in shown
    assert "fruit-1.5-py3-none-any.whl" in shown

    damaged = tmp_path / "damaged.gptx"
    damaged.write_bytes(bundle.read_bytes()[:-1])
    assert run(["inspect", str(damaged)]) == 1
    assert "damaged.gptx is refused. It is no ZIP archive" in capsys.readouterr().err


def test_uv_is_found_in_its_package_and_else_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Path(find_uv()).is_file()

    monkeypatch.setitem(sys.modules, "uv", None)
    with pytest.raises(MissingUvError):
        find_uv()

    program = tmp_path / ("uv.exe" if os.name == "nt" else "uv")
    program.touch(mode=0o755)
    assert find_uv() == str(program)
