"""docs/operator-hooks.md: its second half says what the code says, and its package is installed and run."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import docs
from tests.worker.hooks.conftest import JOB, through
from worker.hooks import FinishedJob, RunningJob
from worker.hooks.errors import Refused
from worker.hooks.filters import MAX_BEFORE, MAX_HELD
from worker.hooks.masking.masks import mask
from worker.hooks.notifier import FAREWELL_SECONDS, MAX_WAITING
from worker.hooks.registry import OperatorHooks, open_hooks

PAGE = (docs.DOCS / "operator-hooks.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, flags=re.DOTALL | re.MULTILINE))


def test_every_hook_says_when_it_is_called_and_what_stops_it() -> None:
    parts = re.findall(r"^## gptstore_\w+\n.*?(?=^## )", docs.render_operator_hooks(), flags=re.DOTALL | re.MULTILINE)
    assert len(parts) == 3
    for part in parts:
        assert re.findall(r"^(When|Arguments|Returns|What stops the chain):", part, flags=re.MULTILINE) == [
            "When",
            "Arguments",
            "Returns",
            "What stops the chain",
        ]


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    assert f"up to {MAX_HELD:,}," in docs.render_operator_hooks()
    assert f"up to {MAX_BEFORE} characters" in docs.render_operator_hooks()
    assert f"While {MAX_WAITING:,} wait" in docs.render_operator_hooks()
    assert FAREWELL_SECONDS == 2


def test_the_masks_that_the_page_shows() -> None:
    written, got = re.findall(r"^    (Write to .*?)  +", PAGE, flags=re.MULTILINE)
    assert mask(written) == got
    masked, left = PAGE.split("It leaves dates")
    rows = re.findall(r"^\| `(\[\w+\])` \| (.*) \|$", masked, flags=re.MULTILINE)
    for name, meaning in rows:
        for shown in re.findall(r"`([^`]*\d{4}[^`]*|\([^`]*|[\d ]+)`", meaning):
            assert mask(shown) == name
    for shown in re.findall(r"`([^`]*\d[^`]*)`", left.split("**")[0]):
        assert mask(shown) == shown
    assert [name for name, _ in rows] == ["[email]", "[iban]", "[card]", "[phone]"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip really built and installed the page's package."""
    project, site = tmp_path_factory.mktemp("acme-rules"), tmp_path_factory.mktemp("site")
    for name, code in FILES.items():
        (project / name).write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--disable-pip-version-check", "--target", str(site), str(project)]
    done = subprocess.run(command, env={**os.environ}, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture
def acme(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OperatorHooks]:
    monkeypatch.syspath_prepend(str(site))
    yield open_hooks(["masking", "acme"])
    del sys.modules["acme_rules"]


def test_the_hooks_of_the_page_do_what_it_says(acme: OperatorHooks, caplog: pytest.LogCaptureFixture) -> None:
    asked = {"text": "Project Bluebird: ask ada@example.org"}
    assert acme.input(JOB, asked) == {"text": "our project: ask [email]"}
    with pytest.raises(Refused, match="translated by our lawyers"):
        acme.input(RunningJob("1", "translator", 7, 1), asked)

    screen = acme.output(JOB, "text")
    assert screen is not None
    said = through(screen, "The Pro", "ject ", "Bluebird is a Pro", "duct. P")
    assert said == ["The ", "", "our project is a ", "Product. ", "P"]

    with caplog.at_level("INFO", logger="acme_rules"):
        acme.finished(FinishedJob("1", "qa", 7, 1, "succeeded", "", 3, 4, 0.5))
        acme.close()
    assert [record.getMessage() for record in caplog.records if record.name == "acme_rules"] == [
        "qa of user 7 succeeded, 4 tokens"
    ]
