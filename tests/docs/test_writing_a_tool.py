"""docs/writing-a-tool.md: its reader has a tool that is written, tested, checked, built, installed and run."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.process import ROOT
from harness.redis import RedisServer
from harness.site import Site
from tests.authors.package_index import PackageIndex, serve
from tests.docs.page_walk import Reader, Step, read_steps
from tests.worker.hosts.releases.wheels import SDK, repack

PAGE = (ROOT / "docs" / "writing-a-tool.md").read_text(encoding="utf-8")
WRITING, BUILDING, INSTALLING = re.split(r"(?=^## 6\. Build it$)|(?=^## 7\. Install it$)", PAGE, flags=re.MULTILINE)


def environment_of(home: Path) -> dict[str, str]:
    """Return the variables of somebody for whom the command of this checkout is installed."""
    commands = home / "commands"
    commands.mkdir()
    (commands / "gptstore").write_text(f"#!{sys.executable}\nfrom gptstore.sdk.cli.__main__ import main\nmain()\n")
    (commands / "gptstore").chmod(0o755)
    return {
        "PATH": os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "GPTSTORE_CACHE": str(home / "cache"),
        "UV_CACHE_DIR": str(home / "uv"),
    }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader who has written the tool, as the first half of the page says."""
    home = tmp_path_factory.mktemp("reader")
    (home / "work").mkdir()
    reader = Reader(home / "work", environment_of(home))
    for step in read_steps(WRITING):
        reader.follow(step)
    return reader


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """A package index with all that the tool's bundle needs."""
    index = PackageIndex(tmp_path_factory.mktemp("wheels"))
    for name in (*SDK, "setuptools"):
        repack(name, index.folder)
    with serve(index):
        yield index


def test_the_tool_of_the_page_is_written_tried_tested_and_checked(reader: Reader) -> None:
    commands = [step.text.partition(" --")[0] for step in read_steps(PAGE) if not step.file]

    assert (reader.folder / "gptstore_email_reply" / "tool.py").exists()
    assert [command.split()[:2] for command in commands if command.startswith("gptstore")] == [
        ["gptstore", word] for word in ("new", "dev", "dev", "check", "build", "install", "tools", "run")
    ]


def test_the_tool_takes_no_more_than_the_page_promises() -> None:
    (tool,) = [step.text for step in read_steps(PAGE) if step.file.endswith("tool.py")]

    assert len([line for line in tool.splitlines() if line.strip()]) <= 25


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tool_is_built_installed_and_run(
    reader: Reader, index: PackageIndex, redis_process: RedisServer, tmp_path: Path
) -> None:
    releases = tmp_path / "releases"
    with Site(tmp_path / "site", redis_process.url, releases=str(releases)) as site:
        site.folder.mkdir()
        site.prepare()
        reader.environment |= site.environment | {"UV_DEFAULT_INDEX": f"{index.address}/simple"}
        site.add_user("ada", "correct horse")
        site.start_web()
        site.start_worker()
        key = site.manage("create_api_key", "ada").split()[-1]
        reader.environment |= {"GPTSTORE_SERVER": site.url, "GPTSTORE_API_KEY": key}
        for step in [*read_steps(BUILDING), *read_steps(INSTALLING)]:
            reader.follow(step)


def test_a_reader_to_whom_something_else_happens_than_the_page_says_is_heard(tmp_path: Path) -> None:
    reader = Reader(tmp_path, {"PATH": os.environ["PATH"]})
    reader.follow(Step("echo one; echo two >&2", printed="one\ntwo"))
    reader.follow(Step("echo one; echo two >&2; exit 2", printed="o…", status=2))

    for wrong in (
        Step("echo one", printed="two"),
        Step("echo one", printed=""),
        Step("exit 1"),
        Step("true", status=1),
    ):
        with pytest.raises(AssertionError):
            reader.follow(wrong)
