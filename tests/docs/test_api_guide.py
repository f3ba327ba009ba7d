"""docs/api.md: every command is run against a real store, and what the page shows of answers is what comes."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gptstore.api.rest.errors import Kind
from gptstore.jobs.events import events
from harness.redis import RedisServer
from harness.site import Site

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', PAGE, flags=re.DOTALL | re.MULTILINE)
COMMANDS = [code for language, title, code in BLOCKS if language == "sh" and title != "setup"]
SHOWN_JOB, SHOWN_PROBLEM = (json.loads(code) for language, _title, code in BLOCKS if language == "json")


@pytest.fixture(scope="module")
def answers(redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What the commands print, in the order of the page, in one shell."""
    with Site(tmp_path_factory.mktemp("site"), redis_process.url) as site:
        site.prepare()
        site.add_user("ada", "correct horse")
        key = site.manage("create_api_key", "ada").split()[-1]
        site.start_web()
        site.start_worker()
        cut = "printf '\\n%s\\n' ---CUT---\n"
        done = subprocess.run(
            ["bash", "-eu", "-c", cut.join(COMMANDS)],
            env={"PATH": os.environ["PATH"], "STORE": site.url, "KEY": key},
            capture_output=True,
            encoding="utf-8",
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield done.stdout.split("\n---CUT---\n")


@pytest.mark.slow
def test_the_commands_do_what_the_page_says(answers: list[str]) -> None:
    tools, run, batch, waited, twice, followed, canceled, limited, listed, refused = answers

    assert '"slug": "summarizer"' in tools
    head, body = run.split("\n\n", 1)
    assert head.startswith("HTTP/1.1 202")
    assert f"/api/v1/jobs/{json.loads(body)['id']}" in head
    assert json.loads(body).keys() == SHOWN_JOB.keys()
    assert json.loads(batch)["priority"] == "batch"
    assert json.loads(waited)["status"] == "succeeded"
    assert json.loads(waited)["output"]
    assert len(set(re.findall(r"^Location: (.+)$", twice, flags=re.IGNORECASE | re.MULTILINE))) == 1
    assert twice.lower().count("idempotency-replayed: true") == 1
    assert json.loads(canceled)["status"] == "succeeded"
    assert json.loads(limited)["status"] in ("queued", "running", "succeeded")
    assert json.loads(listed)["count"] >= 1
    assert json.loads(refused) == SHOWN_PROBLEM
    check_stream(followed)


def check_stream(text: str) -> None:
    blocks = [
        dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if "event: " in block
    ]
    said = [(block["event"], json.loads(block["data"])) for block in blocks]
    assert said[0][0] == "started"
    assert said[-1][0] == "finished"
    assert "".join(data["text"] for event, data in said if event == "output") == said[-1][1]["output"]
    assert said[-1][1]["output"]


def test_the_page_knows_every_event() -> None:
    names = {events.STARTED, events.OUTPUT, events.PROGRESS, events.LOG, events.RESET, events.FINISHED}
    following = PAGE.partition("\n## Follow a run")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", following, flags=re.MULTILINE)) == names


def test_the_page_knows_every_kind_of_problem() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (`.*?`) \|", PAGE, flags=re.MULTILINE)
    shown = {(int(status), name) for status, names in rows for name in re.findall(r"`([a-z-]+)`", names)}
    assert shown == {(kind.status, kind.urn.rsplit(":", 1)[1]) for kind in Kind}
