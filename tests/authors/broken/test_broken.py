"""Broken plugins: each gets one precise line, with the place and the mend, and the store has the same sentence."""

import re
from pathlib import Path

import pytest

from gptstore.sdk.cli.app import run
from tests.authors.broken.files import FILES
from tests.authors.broken.imports import IMPORTS
from tests.authors.broken.plugin import Broken
from tests.authors.broken.projects import PROJECTS
from tests.authors.broken.tools import TOOLS
from tests.worker.hosts.releases.wheels import make

BROKEN = [*PROJECTS, *IMPORTS, *TOOLS, *FILES]


@pytest.fixture(autouse=True)
def index(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package index on this machine: with what the SDK requires, and with one wheel for another platform."""
    folder = tmp_path_factory.mktemp("index")
    for name, version in (("pluggy", "1.6"), ("pydantic", "2.12"), ("regex", "2024.4")):
        make(folder, name, version, {})
    native = make(folder, "acme-native", "1.0", {})
    native.rename(native.with_name("acme_native-1.0-cp311-cp311-macosx_11_0_arm64.whl"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))


def as_pattern(line: str, project: Path) -> str:
    return re.escape(line.replace("{folder}", str(project))).replace(re.escape("{n}"), r"[\d.]+")


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_plugin_gets_one_precise_line(
    broken: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = broken.write(tmp_path)
    monkeypatch.chdir(project)

    status = run(["check", *broken.options])

    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert [line for line in lines if not re.fullmatch(as_pattern(broken.line, project), line)] == []
    assert len(lines) == 1
