"""The benchmark of what an author waits for, with one round of each: that it measures and says all that it should."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.authors.__main__ import PARTS, main
from bench.authors.sizes import Sizes
from bench.common.errors import NotMeasured
from bench.sandbox.report import Part

pytestmark = pytest.mark.slow


def figures(file: Path) -> dict[str, dict[str, Any]]:
    parts = json.loads(file.read_text())["parts"]
    assert [part["problem"] for part in parts] == [None] * len(parts)
    return {figure["what"]: figure for part in parts for figure in part["figures"]}


def test_what_an_author_waits_for_at_the_desk_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "authors.json"

    assert main(["--quick", "--only", "new,dev", "--json", str(file)]) == 0

    found = figures(file)
    assert [figure["aim"] for figure in found.values()] == [2.0, 1.0, None]
    assert all(0 < figure["value"] < 60 for figure in found.values())
    assert "gptstore dev, from a save to the first text" in capsys.readouterr().out


def test_an_installation_is_measured_beside_pip_and_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "authors.json"

    assert main(["--quick", "--only", "install", "--json", str(file)]) == 0

    ours, theirs = figures(file).values()
    assert (ours["aim"], theirs["aim"]) == (3.0, None)
    assert ours["value"] > 0 and theirs["value"] > 0


def test_what_fails_is_reported_as_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(sizes: Sizes, folder: Path) -> Part:
        raise NotMeasured("no index")

    monkeypatch.setitem(PARTS, "build", fail)

    assert main(["--quick", "--only", "build", "--json", str(tmp_path / "out.json")]) == 1
    assert "not measured: no index" in capsys.readouterr().out
