"""The short form of `make bench-chaos`: hundreds of jobs, dozens of deaths, and every job ends once, as it should."""

import json
import sys
from pathlib import Path

import pytest

from harness.postgres import find_programs
from harness.process import Process

NO_POSTGRES = pytest.mark.skipif(find_programs() is None, reason="needs PostgreSQL (Debian: apt install postgresql)")
SECONDS = 540


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 40)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, NO_POSTGRES])])
def test_every_accepted_job_ends_once_whatever_dies(database: str, tmp_path: Path) -> None:
    # Given a store on this database, and people who run 300 jobs
    figures = tmp_path / "chaos.json"
    command = [sys.executable, "-m", "bench.chaos", "--quick", "--database", database, "--json", str(figures)]
    # When 30 workers are killed meanwhile, and Redis with all that it holds, and the web
    run = Process(command, {}, tmp_path / "chaos.log")
    try:
        run.wait_until(lambda: figures.exists(), SECONDS)
        run.popen.wait(20)
    finally:
        run.stop()
    # Then the promise was kept
    assert run.popen.returncode == 0, run.text
    said = json.loads(figures.read_text(encoding="utf-8"))
    assert (said["jobs"], said["accepted"]) == (300, 300)
    assert said["faults"]["worker_killed"] == 30
    assert said["faults"]["redis_killed"] == 3
    assert said["faults"]["redis_flushed"] == 1
    must_be_zero = ("lost", "stuck", "double_finished", "text_mismatch", "double_usage")
    assert {name: said[name] for name in must_be_zero} == dict.fromkeys(must_be_zero, 0)
    assert said["recovery_seconds"]["count"] > 0
