"""pytest plugin that writes what failed to the file GPTSTORE_FAILURES, so that `make test` can say it again last.

A log that is cut keeps its end, and the failures of the first of two rounds stand in the middle.
"""

import os
from pathlib import Path

import pytest
from xdist import is_xdist_worker

LINES = 15


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if is_xdist_worker(terminalreporter):
        return  # its reports reach the one that gave it the tests
    reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    with Path(os.environ["GPTSTORE_FAILURES"]).open("a") as file:
        for report in reports:
            last = report.longreprtext.splitlines()[-LINES:]
            file.write("\n".join([f"FAILED {report.nodeid}", *(f"  {line}" for line in last), "", ""]))
