"""The benchmark of the catalogue with few rows: that it fills, measures and says all that it should."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.catalogue.texts import CHINESE_QUERY, ENGLISH_QUERY, vary
from harness.postgres import find_programs
from harness.process import ROOT

FEW = ["--tools", "60", "--jobs", "300", "--people", "3", "--clients", "2", "--seconds", "0.05"]
needs_postgresql = pytest.mark.skipif(find_programs() is None, reason="needs PostgreSQL")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, needs_postgresql])]
)
def test_the_report_is_complete(database: str, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.json"
    command = [sys.executable, "-m", "bench.catalogue", *FEW, "--database", database, "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(file.read_text())

    measured = {name: page for name, page in report["pages"].items() if "skipped" not in page}
    assert {"home", "search", "tool", "my runs, searched", "API: tools", "admin: jobs", "admin: audit"} <= {*measured}
    for page in measured.values():
        assert page["bytes"] > 0 and page["queries"] >= 0
        assert all(0 < page[f"clients_{n}"]["p50_ms"] <= page[f"clients_{n}"]["p95_ms"] for n in (1, 2))
    assert all(page["skipped"] == "answers 404" for name, page in report["pages"].items() if name not in measured)
    assert all(value > 0 for value in report["old_way_ms"].values())
    assert report["sync_s"]["100 new tools"] > 0
    assert report["filling_s"].keys() == {"people", "tools", "index", "jobs", "statistics"}
    assert f"{FEW[3]} of {FEW[3]} jobs" in done.stderr


def test_texts_differ_and_hold_what_is_searched() -> None:
    real = {"slug": "summarizer", "title": "Summarizer", "summary": "Shortens a text.", "description": "Long."}
    real |= {"tags": ["text"], "plugin": "acme", "translations": {"zh-Hans": {"Summarizer": "摘要"}}}  # type: ignore[dict-item]
    made = [vary(real, number) for number in range(2000)]

    assert len({one["slug"] for one in made}) == 2000 and vary(real, 7) == made[7]
    words = ENGLISH_QUERY.split()
    assert any(all(word in f"{one['title']} {one['summary']}" for word in words) for one in made)
    assert any(CHINESE_QUERY in one["translations"]["zh-Hans"][one["title"]] for one in made)
