"""Releases of plugins: their environments are built from locked wheels, and run apart from each other."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.core.management import call_command

from gptstore.catalog.models import Tool
from gptstore.env import Environment
from tests.worker.hosts.releases.wheels import lock, make
from tests.worker.hosts.sandbox.conftest import NotingPort
from worker.hosts.base import ToolCall
from worker.hosts.releases.build import build
from worker.hosts.releases.deployed import deploy
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.release import Release
from worker.hosts.sandbox.isolation_level import Level
from worker.process import release_plan
from worker.process.open_host import HostSetup, open_host

MakeRelease = Callable[..., Release]

TOOL = """
from pathlib import Path
from gptstore.sdk import Context, hookimpl, tool
import fruit

@tool(title="{slug}", summary="Says which library it has.")
def {slug}(ctx: Context, text: str, path: str = "") -> str:
    try:
        return Path(path).read_text() if path else f"{{text}} {{fruit.KIND}}"
    except OSError as error:
        return f"stopped: {{type(error).__name__}}"

@hookimpl
def gptstore_tools():
    return [{slug}]
"""


@pytest.fixture
def release(folder: Path, sdk: list[Path]) -> MakeRelease:
    """A plugin with one tool, which says which version of a library it has."""

    def make_one(slug: str, kind: str = "apple", version: str = "1", requires: str = "") -> Release:
        home = folder / "releases" / f"{slug}-{version}"
        wheels = home / "wheels"
        wheels.mkdir(parents=True)
        library = make(wheels, "fruit", {"apple": "1", "pear": "2"}[kind], {"fruit.py": f"KIND = {kind!r}\n"})
        code = {f"acme_{slug}.py": TOOL.format(slug=slug)}
        needs = ["gptstore-sdk", requires or f"fruit=={library.name.split('-')[1]}"]
        plugin = make(wheels, f"acme-{slug}", version, code, needs, entry=f"acme_{slug}")
        locked = [plugin, library, *(Path(shutil.copy(wheel, wheels)) for wheel in sdk)]
        (home / "requirements.txt").write_text(lock(locked), encoding="utf-8")
        return Release(home)

    return make_one


def test_an_environment_is_made_once(release: MakeRelease, place: Path) -> None:
    first = build(release("one"), place)
    made = (first / "pyvenv.cfg").stat().st_mtime_ns
    again = build(Release(first.parents[2] / "releases" / "one-1"), place)
    assert again == first
    assert (again / "pyvenv.cfg").stat().st_mtime_ns == made
    assert [path.name for path in place.iterdir()] == [first.name], "nothing of the building is left"


def test_it_has_what_is_locked_and_nothing_else(release: MakeRelease, place: Path) -> None:
    python = build(release("one"), place) / "bin" / "python"
    done = subprocess.run(
        [python, "-c", "import fruit, gptstore.sdk; print(fruit.KIND)"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "apple\n"
    assert subprocess.run([python, "-c", "import django"], capture_output=True, check=False).returncode == 1


def test_a_wheel_that_is_not_the_locked_one_is_not_installed(release: MakeRelease, place: Path) -> None:
    bad = release("one")
    make(bad.wheels, "fruit", "1", {"fruit.py": "KIND = 'poison'\n"})
    with pytest.raises(ReleaseError, match=r"(?i)hash"):
        build(bad, place)
    assert list(place.iterdir()) == []


def test_what_is_not_in_its_folder_is_not_fetched(release: MakeRelease, place: Path) -> None:
    bad = release("one")
    next(bad.wheels.glob("fruit-*")).unlink()
    with pytest.raises(ReleaseError, match="fruit"):
        build(bad, place)


def test_what_lacks_a_dependency_is_not_run(release: MakeRelease, place: Path) -> None:
    with pytest.raises(ReleaseError, match="vegetable"):
        build(release("one", requires="vegetable>=3"), place)


@pytest.mark.parametrize(
    "line",
    [
        "fruit",
        "fruit==1",
        "fruit>=1 --hash=sha256:" + "0" * 64,
        "-r /etc/passwd",
        "--index-url https://example.com/simple",
        "-e .",
        "fruit @ file:///tmp/fruit-1-py3-none-any.whl --hash=sha256:" + "0" * 64,
        "fruit==1 --hash=md5:" + "0" * 32,
    ],
)
def test_every_line_names_one_version_and_its_hash(release: MakeRelease, place: Path, line: str) -> None:
    bad = release("one")
    with bad.requirements.open("a", encoding="utf-8") as requirements:
        requirements.write(f"{line}\n")
    with pytest.raises(ReleaseError, match="--hash=sha256"):
        build(bad, place)
    assert not place.exists(), "uv was not even asked"


def test_comments_and_markers_are_understood(release: MakeRelease, place: Path) -> None:
    good = release("one")
    text = good.requirements.read_text(encoding="utf-8").replace("fruit==1 ", 'fruit==1 ; python_version >= "3.11" ')
    good.requirements.write_text(f"# made by uv\n{text}    # via acme-one\n", encoding="utf-8")
    assert build(good, place).is_dir()


@pytest.mark.parametrize("missing", ["requirements.txt", "wheels"])
def test_a_folder_that_is_no_release_says_what_it_needs(release: MakeRelease, place: Path, missing: str) -> None:
    bad = release("one")
    (bad.folder / missing).rename(bad.folder / "other")
    with pytest.raises(ReleaseError, match=missing):
        build(bad, place)


def test_a_broken_release_does_not_stop_the_others(release: MakeRelease, folder: Path, place: Path) -> None:
    good, bad = release("good"), release("bad")
    bad.requirements.unlink()
    deployed = deploy(folder / "releases", place)
    assert list(deployed.environments) == ["acme-good"]
    assert list(deployed.broken) == [bad.name]
    assert good.name not in deployed.broken


def test_two_releases_of_one_plugin_are_not_chosen_between(release: MakeRelease, folder: Path, place: Path) -> None:
    release("one", version="1")
    release("one", version="2")
    deployed = deploy(folder / "releases", place)
    assert deployed.environments["acme-one"].python.startswith(str(place / "one-1-"))
    assert "keep one of the two" in deployed.broken["one-2"]


def test_a_release_without_a_plugin_says_so(folder: Path, place: Path) -> None:
    home = folder / "releases" / "fruit-1"
    (home / "wheels").mkdir(parents=True)
    library = make(home / "wheels", "fruit", "1", {"fruit.py": ""})
    (home / "requirements.txt").write_text(lock([library]), encoding="utf-8")
    assert "entry point" in deploy(folder / "releases", place).broken["fruit-1"]


def test_a_folder_that_is_not_there_is_said(folder: Path, place: Path) -> None:
    assert "GPTSTORE_RELEASES" in deploy(folder / "none", place).broken["releases"]


@pytest.fixture
def shelter(release: MakeRelease, folder: Path) -> Iterator[HostSetup]:
    release("one", "apple")
    release("two", "pear")
    opened = open_host(
        Environment(releases=folder / "releases", var=folder / "var", plugin_import_seconds=60, sandbox_level="reduced")
    )
    yield opened
    opened.host.close()


@pytest.mark.landlock
def test_two_plugins_with_two_versions_of_one_library_run_side_by_side(shelter: HostSetup) -> None:
    tools = shelter.host.tools
    assert (tools["acme-one"], tools["acme-two"], tools["gptstore-qa"]) == (["one"], ["two"], ["qa"])
    said = {}
    for slug in ("one", "two"):
        port = NotingPort()
        shelter.host.run(ToolCall(f"acme-{slug}", slug, {"text": "I have"}), port)
        said[slug] = port.text
    assert said == {"one": "I have apple", "two": "I have pear"}


@pytest.mark.landlock
def test_a_worker_deletes_at_its_start_what_no_release_has_used_for_a_day(
    release: MakeRelease, folder: Path, place: Path
) -> None:
    # Given an environment of long ago, and one of as long ago whose release is there
    present = build(release("one"), place)
    gone = place / "one-0-0123456789abcdef"
    gone.mkdir()
    for old in (present, gone):
        os.utime(old, (0, 0))
    # When a worker starts
    open_host(
        Environment(releases=folder / "releases", var=folder / "var", plugin_import_seconds=60, sandbox_level="reduced")
    ).host.close()
    # Then only the second one is there
    assert [path.name for path in place.iterdir()] == [present.name]


@pytest.mark.landlock
def test_a_release_reads_no_file_of_another_one_nor_of_the_worker(shelter: HostSetup, place: Path) -> None:
    (own,) = place.glob("one-1-*/lib/*/site-packages/fruit.py")
    (others,) = place.glob("two-1-*/lib/*/site-packages/fruit.py")
    said = []
    for path in (own, others, Path(structlog.__file__)):
        port = NotingPort()
        shelter.host.run(ToolCall("acme-one", "one", {"text": "", "path": str(path)}), port)
        said.append(port.text.strip())
    assert said[0] == "KIND = 'apple'"
    assert {answer.split(":")[0] for answer in said[1:]} == {"stopped"}


@pytest.mark.landlock
def test_below_the_lowest_level_a_release_is_refused(
    release: MakeRelease, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release("one")
    monkeypatch.setattr(release_plan, "probe", lambda environment: Level(7, True, missing=("a user of its own",)))
    opened = open_host(
        Environment(releases=folder / "releases", var=folder / "var", plugin_import_seconds=60, sandbox_level="full")
    )
    try:
        assert "acme-one" not in opened.host.tools
        assert "a user of its own" in opened.refused["acme-one"]
    finally:
        opened.host.close()


@pytest.mark.landlock
def test_releases_describe_themselves_for_the_catalogue(release: MakeRelease, folder: Path, place: Path) -> None:
    release("one")
    (folder / "releases" / "broken-1").mkdir()
    command = [sys.executable, "-m", "worker.hosts.releases", str(folder / "releases"), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert [(m["name"], [tool["slug"] for tool in m["tools"]]) for m in said["manifests"]] == [("acme-one", ["one"])]
    assert [broken["plugin"] for broken in said["broken"]] == ["broken-1"]


@pytest.mark.landlock
def test_a_release_that_is_installed_describes_itself_without_being_unpacked(release: MakeRelease, place: Path) -> None:
    environment = build(release("one"), place)
    before = sorted(path.name for path in place.iterdir())

    command = [sys.executable, "-m", "worker.hosts.releases.describe", str(environment)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert [manifest["name"] for manifest in said["manifests"]] == ["acme-one"]
    assert said["broken"] == []
    assert sorted(path.name for path in place.iterdir()) == before


@pytest.mark.landlock
@pytest.mark.django_db
def test_a_migration_step_without_the_folder_keeps_released_tools_in_the_catalogue(
    release: MakeRelease, folder: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a released tool that a process beside a worker has put into the catalogue
    release("one")
    without = settings.ENV
    settings.ENV = without.model_copy(update={"releases": folder / "releases", "var": folder / "var"})
    call_command("sync_tools")
    # When the site's migration step runs, which has neither the folder nor uv
    settings.ENV = without
    call_command("sync_tools")
    # Then the tool is there, and the step says that it left it alone
    assert Tool.objects.listed().filter(slug="one", plugin="acme-one").exists()
    assert "of releases, left as they are: one" in capsys.readouterr().out

    shutil.rmtree(folder / "releases" / "one-1")
    settings.ENV = without.model_copy(update={"releases": folder / "releases", "var": folder / "var"})
    call_command("sync_tools")
    assert not Tool.objects.listed().filter(slug="one").exists()


def test_without_uv_nothing_is_said_of_releases(folder: Path, place: Path) -> None:
    code = (
        "import runpy, sys; sys.modules['uv'] = None; "
        f"sys.argv = ['worker.hosts.releases', {str(folder / 'releases')!r}, {str(place)!r}]; "
        "runpy.run_module('worker.hosts.releases', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "uv, which makes the environments of releases, is not installed here" in done.stderr
