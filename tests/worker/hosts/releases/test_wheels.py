"""Nothing of a release runs outside the sandbox, and no file of it runs by itself at a Python's start."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.env import Environment
from tests.worker.hosts.releases.wheels import lock, make
from tests.worker.hosts.sandbox.conftest import NotingPort
from worker.hosts.base import ToolCall
from worker.hosts.releases import build as build_module
from worker.hosts.releases.build import build
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.release import Release
from worker.hosts.releases.wheels import check_wheels
from worker.process.open_host import open_host

MakeRelease = Callable[..., Release]

TOOL = """
import sys
from gptstore.sdk import Context, hookimpl, tool

@tool(title="Marked", summary="Says whether a file ran by itself at the start.")
def marked(ctx: Context, text: str) -> str:
    return f"{text} {getattr(sys, 'marked', 'nothing ran')}"

@hookimpl
def gptstore_tools():
    return [marked]
"""


@pytest.fixture
def release(folder: Path, sdk: list[Path]) -> MakeRelease:
    """A plugin with one tool, and with these files beside it."""

    def make_one(files: dict[str, str], wheels: list[Path] = sdk) -> Release:
        home = folder / "releases" / "marked-1"
        (home / "wheels").mkdir(parents=True)
        code = {"acme_marked.py": TOOL, **files}
        plugin = make(home / "wheels", "acme-marked", "1", code, ["gptstore-sdk"], entry="acme_marked")
        for wheel in wheels:
            (home / "wheels" / wheel.name).symlink_to(wheel)
        (home / "requirements.txt").write_text(lock([plugin, *wheels]), encoding="utf-8")
        return Release(home)

    return make_one


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("acme.pth", "each Python runs at its start"),
        ("acme_marked-1.data/purelib/acme.pth", "each Python runs at its start"),
        ("acme_marked-1.data/data/acme.PTH", "each Python runs at its start"),
        ("acme_marked-1.data/data/lib/python3.11/site-packages/acme.pth", "each Python runs at its start"),
        ("sitecustomize.py", "each Python imports at its start"),
        ("usercustomize/__init__.py", "each Python imports at its start"),
        (
            "acme_marked-1.data/platlib/sitecustomize.cpython-311.so",
            "each Python imports at its start",
        ),
        ("acme_marked-1.data/scripts/python", "is a program for the environment's `bin`"),
        ("../../../bin/python", "leads out of its folder"),
        ("/etc/cron.d/acme", "leads out of its folder"),
        ("acme\\..\\..\\python", "leads out of its folder"),
    ],
)
def test_a_wheel_with_what_runs_by_itself_is_refused_by_name(
    release: MakeRelease, place: Path, name: str, fault: str
) -> None:
    bad = release({name: "import sys; sys.marked = 'it ran'\n"})
    with pytest.raises(ReleaseError) as refused:
        build(bad, place)
    assert str(refused.value).startswith(f"acme_marked-1-py3-none-any.whl holds {name!r}, which {fault}")
    assert not [*place.iterdir()], "nothing was unpacked"


def test_a_link_in_a_wheel_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("acme/passwords")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "acme-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(link, "/etc/shadow")
    with pytest.raises(ReleaseError, match="holds 'acme/passwords', which is a link"):
        check_wheels(tmp_path)


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "acme-1-py3-none-any.whl").write_text("no archive")
    with pytest.raises(ReleaseError, match=r"acme-1-py3-none-any\.whl cannot be read"):
        check_wheels(tmp_path)


@pytest.mark.parametrize("name", ["acme/weights.pth", "acme/sitecustomize.py", "acme_marked-1.data/data/share/a.txt"])
def test_the_same_names_are_fine_where_no_python_looks_for_them(tmp_path: Path, name: str) -> None:
    make(tmp_path, "acme-marked", "1", {name: ""})
    check_wheels(tmp_path)


def test_what_only_uv_sees_in_a_wheel_is_refused_when_it_is_unpacked(
    release: MakeRelease, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "check_wheels", lambda folder: None)
    with pytest.raises(ReleaseError, match=r"its wheels unpacked to 'acme\.pth', which each Python runs"):
        build(release({"acme.pth": ""}), place)
    assert list(place.iterdir()) == [], "nothing is left"


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the checks of the names, so that what would run is unpacked."""
    for check in ("check_wheels", "check_unpacked"):
        monkeypatch.setattr(build_module, check, lambda folder: None)


@pytest.mark.usefixtures("unchecked")
def test_nothing_of_a_release_runs_while_its_environment_is_made(release: MakeRelease, place: Path) -> None:
    ran = place.parent.parent / "ran.txt"
    build(release({"acme.pth": f"import pathlib; pathlib.Path({str(ran)!r}).touch()\n"}), place)
    assert not ran.exists()


@pytest.mark.usefixtures("unchecked")
@pytest.mark.landlock
def test_a_host_of_a_release_runs_nothing_of_it_before_its_plugin(release: MakeRelease, folder: Path) -> None:
    release(
        {"acme.pth": "import sys; sys.marked = 'it ran'\n", "sitecustomize.py": "import sys; sys.marked = 'it ran'\n"}
    )
    opened = open_host(
        Environment(releases=folder / "releases", var=folder / "var", plugin_import_seconds=60, sandbox_level="reduced")
    )
    try:
        port = NotingPort()
        opened.host.run(ToolCall("acme-marked", "marked", {"text": "I see that"}), port)
    finally:
        opened.host.close()
    assert port.text == "I see that nothing ran"
