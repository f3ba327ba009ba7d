"""The benchmark of the sandbox from beginning to end, with few runs: that it measures and says all that it should."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.sandbox.__main__ import PARTS, main
from bench.sandbox.stage import level_here

pytestmark = [
    pytest.mark.slow,
    pytest.mark.landlock,
    pytest.mark.skipif(level_here().name == "none", reason="there is no sandbox on this machine"),
]


def test_the_report_is_complete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # When a little of everything is measured
    file = tmp_path / "sandbox.json"
    assert main(["--quick", "--json", str(file)]) == 0
    # Then each question has its figures
    report: dict[str, Any] = json.loads(file.read_text())
    parts = {part["name"]: part for part in report["parts"]}
    assert [*parts] == [*PARTS]
    values = {name: {one["what"]: one["value"] for one in part["figures"]} for name, part in parts.items()}
    assert values["start"]["sandbox: from run() to the tool's first line, p50"] > 0
    assert values["cold"]["a host, from its start until it can fork, p50"] > 0
    assert 1 < values["memory"]["an idle host, alone"] < 200
    assert 0 < values["memory"]["a running child, beyond its host"] < 100
    assert all(value > 0 for value in values["tokens"].values())
    # And of what must not be there is nothing
    hostile, grown = values["hostile"], values["growth"]
    never = ("worker deaths", "wrong outputs of good runs", "hostile runs that got out", "harmed files")
    assert {name: hostile[name] for name in never} == dict.fromkeys(never, 0)
    assert hostile["hostile runs whose code ran"] == 40
    assert grown["zombies"] == grown["descriptors more in the worker"] == grown["descriptors more in the host"] == 0
    # And people can read it
    assert "by bare engine" in capsys.readouterr().out


def test_a_part_whose_worker_dies_is_reported_as_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a worker that is killed at its start
    (tmp_path / "django.py").write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    # When something is measured, then the report says so
    assert main(["--quick", "--only", "start", "--json", str(tmp_path / "out.json")]) == 1
    (part,) = json.loads((tmp_path / "out.json").read_text())["parts"]
    assert "status -9" in part["problem"]
    assert [(figure["what"], figure["value"]) for figure in part["figures"]] == [("worker deaths", 1)]
    assert "not measured" in capsys.readouterr().out
