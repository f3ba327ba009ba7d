"""`gptstore check` for broken plugins, with a package index on this machine."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.sdk.cli.app import run
from gptstore.sdk.parameter import SUPPORTED
from gptstore.sdk.tools import ToolOptions
from tests.authors.broken.plugin import Broken
from tests.worker.hosts.releases.wheels import make

Check = Callable[[Broken], None]
PLACEHOLDERS = {"{n}": r"[\d.]+", "{python}": ".+"}


@pytest.fixture
def index(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package index on this machine: with what the SDK requires, and with one wheel for another platform."""
    folder = tmp_path_factory.mktemp("index")
    for name, version in (("pluggy", "1.6"), ("pydantic", "2.12"), ("regex", "2024.4")):
        make(folder, name, version, {})
    native = make(folder, "acme-native", "1.0", {})
    native.rename(native.with_name("acme_native-1.0-cp311-cp311-macosx_11_0_arm64.whl"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))


@pytest.fixture
def gets_its_line(
    index: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """gets_its_line(broken): run `gptstore check` in its folder, which fails with this line and no other."""

    def check(broken: Broken) -> None:
        project = broken.write(tmp_path)
        monkeypatch.chdir(project)
        status = run(["check", *broken.options])
        lines = capsys.readouterr().out.splitlines()
        assert status == 1
        assert [line for line in lines if not re.fullmatch(as_pattern(broken.line, project), line)] == []
        assert len(lines) == 1

    return check


def as_pattern(line: str, project: Path) -> str:
    """Return the regular expression of a line whose placeholders stand for what differs."""
    known = {"{folder}": str(project), "{supported}": SUPPORTED, "{options}": ", ".join(ToolOptions.__annotations__)}
    for placeholder, text in known.items():
        line = line.replace(placeholder, text)
    pattern = re.escape(line)
    for placeholder, found in PLACEHOLDERS.items():
        pattern = pattern.replace(re.escape(placeholder), found)
    return pattern
