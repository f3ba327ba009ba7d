"""pytest plugin that says last which files took the time, set-up and clean-up included: where to begin to save it."""

from collections import Counter

import pytest
from xdist import is_xdist_worker

SHOWN = 40


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if is_xdist_worker(terminalreporter):
        return  # its reports reach the one that gave it the tests
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    total = sum(seconds.values())
    terminalreporter.section(f"{total:,.0f} s of tests, by file")
    for file, its in seconds.most_common(SHOWN):
        terminalreporter.write_line(f"{its:7.0f} s {its / total if total else 0:4.0%}  {file}")
