"""The benchmark of jobs from beginning to end, with few of them: that it measures and says all that it should."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.jobs.__main__ import main
from harness.postgres import find_programs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FEW = ["--jobs", "4", "--rounds", "1", "--in-flight", "1", "--finished", "0,50", "--queued", "5"]
needs_postgresql = pytest.mark.skipif(find_programs() is None, reason="needs PostgreSQL")


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, needs_postgresql])]
)
def test_the_report_is_complete(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # When a handful of jobs is measured
    file = tmp_path / "jobs.json"
    assert main([*FEW, "--database", database, "--json", str(file)]) == 0
    # Then the report has every figure
    report: dict[str, Any] = json.loads(file.read_text())
    (found,) = report["found"]
    assert found["problem"] is None
    assert (report["cores"] > 0, report["jobs_each_round"], report["rounds"]) == (True, 4, 1)
    (jobs,), (bare,) = found["jobs"], found["bare"]
    medians = {name: figure["median"] for name, figure in jobs["figures"].items()}
    assert all(value > 0 for value in medians.values())
    assert medians["queued_p50"] <= medians["running_p50"] <= medians["finished_p50"]
    assert {"web", "worker", "Redis", "client"} <= jobs["cpu_ms"].keys()
    assert bare["figures"].keys() == {"per_s", "running_p50", "running_p95"}
    # And what a full table costs
    levels = [(level["finished_rows"], level["queued_rows"]) for level in found["levels"]]
    assert levels == [(0, 0), (0, 5), (50, 0), (50, 5)]
    assert all(level["claim"] > 0 and level["finish"] > 0 and level["submit"] > 0 for level in found["levels"])
    # And people can read it
    assert "running p50" in capsys.readouterr().out
