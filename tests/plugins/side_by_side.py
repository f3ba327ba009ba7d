"""pytest plugin for several processes: `-p tests.plugins.side_by_side --numprocesses=2`.

The tests of a file stay together, and so do those of a folder that shares what is costly to start. What takes long
begins first, so that no process is left with it at the end.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ["tests/e2e/", "tests/integration/deployments/"]
LONG = [
    *TOGETHER,
    "tests/demo/",
    "tests/integration/",
    "tests/chaos/",
    "tests/docs/",
    "tests/bench/",
    "tests/packaging/",
]


class Scheduler(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduler:
    config.option.loadscopereorder = False
    return Scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=turn)


def turn(item: pytest.Item) -> int:
    return next((number for number, folder in enumerate(LONG) if item.nodeid.startswith(folder)), len(LONG))
