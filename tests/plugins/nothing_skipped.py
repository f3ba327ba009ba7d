"""pytest plugin for CI: with GPTSTORE_REQUIRE_ALL=1 a skipped test fails, unless what it needs is up to the machine."""

import os
from collections.abc import Generator
from typing import Any

import pytest

UP_TO_THE_MACHINE = ("bfloat16", "gpu", "landlock")
REQUIRE_ALL = os.environ.get("GPTSTORE_REQUIRE_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not any(item.get_closest_marker(name) for name in UP_TO_THE_MACHINE):
        forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    forbid_skip(report)
    return report


def forbid_skip(report: Any) -> None:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, but GPTSTORE_REQUIRE_ALL=1 allows no skips: {report.longrepr}"
