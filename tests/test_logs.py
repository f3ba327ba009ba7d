"""What a worker's and the site's log lines hold, and what not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import logging.config

import structlog

from gptstore.logs import logging_config

logging.config.dictConfig(logging_config("INFO", {style!r}))


def fail():
    private = "ada" + "@" + "example.org"
    raise ValueError("it broke")


try:
    fail()
except ValueError:
    structlog.get_logger("worker.x").exception("tool_crashed", job="17")
"""


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_traceback_shows_where_it_broke_but_no_values(style: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(style=style)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "tool_crashed" in done.stderr
    assert "ValueError: it broke" in done.stderr
    assert "in fail" in done.stderr
    assert "ada@" not in done.stderr
