"""The same broken plugins installed in a store: it has the sentence of `gptstore check`, and all other tools go on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from gptstore.catalog.models import Tool
from harness.plugins import before_pythonpath, write_plugin
from tests.authors.broken.imports import IMPORTS
from tests.authors.broken.plugin import CODE, Broken
from tests.authors.broken.tools import TOOLS

SECONDS = "20"
SAMPLE = {
    "syntax-error",
    "no-such-module",
    "raises",
    "exits",
    "ends-the-process",
    "waits-for-ever",
    "endless-printing",
    "misspelt-hook",
    "forgotten-hookimpl",
    "hook-returns-none",
    "slug-twice",
    "unsupported-type",
    "default-that-does-not-fit",
    "no-docstring",
    "example-that-does-not-fit",
}
BROKEN = [broken for broken in [*IMPORTS, *TOOLS] if broken.name in SAMPLE]


def message(broken: Broken) -> str:
    """Return what is wrong, from the line of `gptstore check`: without place, rule, mend and Python's own words."""
    text = broken.line.split(": ", 2)[2].partition(" → ")[0].partition("{python}")[0]
    return text.replace("within 2 s", f"within {SECONDS} s").replace("acme_greeter", module(broken))


def module(broken: Broken) -> str:
    return f"acme_{broken.name.replace('-', '_')}"


@pytest.mark.slow
def test_a_store_leaves_each_out_with_the_same_sentence_and_the_others_go_on(tmp_path: Path) -> None:
    # Given a store in which all of them are installed, and one that is fine
    assert len(BROKEN) == len(SAMPLE)
    for broken in BROKEN:
        write_plugin(tmp_path, f"acme-{broken.name}", broken.code)
    write_plugin(tmp_path, "acme-greeter", CODE)
    # When it reads what its plugins offer
    done = subprocess.run(
        [sys.executable, "-m", "worker.hosts.describe", "--seconds", SECONDS],
        env={**os.environ, "PYTHONPATH": before_pythonpath(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=True,
    )
    # Then each is left out, for the reason that its author reads, too
    described = json.loads(done.stdout)
    reasons = {entry["plugin"]: entry["error"] for entry in described["broken"]}
    assert {*reasons} == {f"acme-{name}" for name in SAMPLE}
    assert {broken.name for broken in BROKEN if message(broken) not in reasons[f"acme-{broken.name}"]} == set()
    # And all others are there
    names = {manifest["name"] for manifest in described["manifests"]}
    assert {"acme-greeter", "gptstore-qa", "gptstore-summarizer"} <= names


@pytest.mark.django_db
def test_a_slug_that_is_taken_is_said_in_the_same_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONPATH", before_pythonpath(tmp_path))
    (taken,) = [broken for broken in TOOLS if broken.name == "slug-of-a-built-in-tool"]
    write_plugin(tmp_path, "acme-taken", taken.code)
    write_plugin(tmp_path, "acme-greeter", CODE)

    call_command("sync_tools")

    assert f"left out acme-taken: {message(taken)}" in capsys.readouterr().err
    assert {"greet", "qa", "summarizer"} <= {*Tool.objects.listed().values_list("slug", flat=True)}
    assert Tool.objects.get(slug="summarizer").plugin == "gptstore-summarizer"
