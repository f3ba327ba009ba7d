"""docs/command-line.md: the commands that run tools are run against a real store."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.process import ROOT
from harness.redis import RedisServer
from harness.site import Site

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Run the tools of a store\n")[2].partition("\n<!-- Generated")[0]
BLOCKS = re.findall(r'^```sh(?: title="([^"]+)")?\n(.*?)^```$', SECTION, flags=re.DOTALL | re.MULTILINE)
COMMANDS = [code for title, code in BLOCKS if title != "setup"]
CUT = "---CUT---"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("person")


@pytest.fixture(scope="module")
def answers(redis_process: RedisServer, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What the commands print, in the order of the page, in one shell."""
    with Site(tmp_path_factory.mktemp("site"), redis_process.url) as site:
        site.prepare()
        site.add_user("ada", "correct horse")
        key = site.manage("create_api_key", "ada").split()[-1]
        site.start_web()
        site.start_worker()
        variables = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "PYTHON_KEYRING_BACKEND": "tests.authors.client.keyring_file.FileKeyring",
            "TESTS_KEYRING": str(folder / "keyring"),
            "STORE": site.url,
        }
        shell = f"gptstore() {{ '{sys.executable}' -m gptstore.sdk.cli \"$@\"; }}\n"
        login, *others = COMMANDS
        script = shell + f"echo '{key}' | {{ {login}}}\n" + "".join(f"echo {CUT}\n{code}" for code in others)
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=variables,
            capture_output=True,
            encoding="utf-8",
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert key not in done.stdout + done.stderr
        yield done.stdout.split(f"{CUT}\n")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_commands_do_what_the_page_says(answers: list[str], folder: Path) -> None:
    servers, found, _piped, _written, back = answers

    assert json.loads(servers)["default"] is True
    assert '"slug":"summarizer"' in found
    assert "--length" in found and "short|medium|long" in found
    assert (folder / "summary.txt").read_text()
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert (events[0]["event"], events[-1]["event"]) == ("started", "finished")
    assert "def add" in (folder / "add.py").read_text()
    # The text, the list of all five runs, and the text again, which has no line end
    text, listed, again = back.partition("{")[0], back.count('{"id"'), back.rpartition("\n")[2]
    assert (text, listed) == (again, 5)
    assert text
