"""`gptstore new`: every template is a project that passes its own tests and `gptstore check`, under any good name."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gptstore.sdk.cli.new import Template
from gptstore.sdk.cli.new_name import suggest
from gptstore.sdk.cli.new_project import TEMPLATES, git_author, template_files
from tests.authors.conftest import Command

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("template", Template)
def test_a_new_project_passes_its_own_tests_and_the_check(template: Template, desk: Path, gptstore: Command) -> None:
    made = gptstore("new", "night-owl", "--template", template, "--title", "Night owl & co")

    assert (made.status, made.out) == (0, "night-owl\n")
    checked = gptstore("check", "night-owl", "--json")
    assert json.loads(checked.out) == {
        "name": "gptstore-night-owl",
        "version": "0.1.0",
        "tools": ["night-owl"],
        "problems": [],
    }
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error"],
        cwd=desk / "night-owl",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("template", Template)
def test_nothing_is_left_of_the_templates_own_name(template: Template, desk: Path, gptstore: Command) -> None:
    gptstore("new", "night-owl", "--template", template, "--title", "Night owl")

    files = [path for path in (desk / "night-owl").rglob("*") if path.is_file()]
    assert len(files) == len([*template_files(template)]) >= 7
    assert {"pyproject.toml", "README.md", ".gitignore", "check.yml", "tool.py"} <= {path.name for path in files}
    for path in files:
        text = f"{path.relative_to(desk)} {path.read_text(encoding='utf-8')}"
        assert not {name for name in ("my-tool", "my_tool", "My tool") if name in text}, path


def test_title_and_folder_can_be_chosen(desk: Path, gptstore: Command) -> None:
    (desk / "work").mkdir()

    made = gptstore("new", "night-owl", "--title", "Owl of the night", "--folder", "work")

    assert made.status == 0
    assert 'title="Owl of the night"' in (desk / "work/gptstore_night_owl/tool.py").read_text()
    assert "cd work" in made.err


def test_the_title_is_made_from_the_name(desk: Path, gptstore: Command) -> None:
    gptstore("new", "night-owl")

    assert 'title="Night owl"' in (desk / "night-owl/gptstore_night_owl/tool.py").read_text()


def test_the_author_is_whom_git_knows(desk: Path, gptstore: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Ada Lovelace")

    gptstore("new", "night-owl")

    project = tomllib.loads((desk / "night-owl/pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["authors"] == [{"name": "Ada Lovelace"}]


def test_a_name_that_would_break_the_file_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", 'Ada "the Countess"')

    assert git_author() == ""


@pytest.mark.parametrize(
    ("name", "reason", "suggestion"),
    [
        ("Night Owl", "can't be a tool's name", "'night-owl'"),
        ("night_owl", "can't be a tool's name", "'night-owl'"),
        ("nächte", "can't be a tool's name", "'nachte'"),
        ("-owl", "No such option", ""),
        ("o" * 51, "at most 50", "'" + "o" * 50 + "'"),
        ("gptstore-owl", "is called gptstore-… anyway", "'owl'"),
        ("2-owls", "can't name a function", "'tool-2-owls'"),
        ("class", "is a word of Python", "'tool-class'"),
        ("json", "standard library", "'json-tool'"),
        ("pydantic", "is installed here", "'pydantic-tool'"),
        ("summarizer", "Every store has a tool 'summarizer'", "'my-summarizer'"),
        ("translater", "easily mistaken for gptstore-translator", ""),
    ],
)
def test_a_bad_name_is_refused_with_a_better_one(
    desk: Path, gptstore: Command, name: str, reason: str, suggestion: str
) -> None:
    done = gptstore("new", name)

    assert done.status == 2
    assert reason in done.err and suggestion in done.err
    assert [*desk.iterdir()] == []


@pytest.mark.parametrize("name", ["!!!", "42", "日本"])
def test_where_nothing_of_a_name_can_be_kept_an_example_is_suggested(name: str) -> None:
    assert suggest(name) == "my-tool"


@pytest.mark.parametrize("title", ['An "owl"', "An\\owl", "An\nowl", "o" * 81])
def test_a_title_that_no_file_can_hold_is_refused(desk: Path, gptstore: Command, title: str) -> None:
    assert gptstore("new", "night-owl", "--title", title).status == 2
    assert [*desk.iterdir()] == []


def test_what_is_there_is_not_written_over(desk: Path, gptstore: Command) -> None:
    (desk / "night-owl").mkdir()
    (desk / "night-owl" / "notes.txt").write_text("mine")

    done = gptstore("new", "night-owl")

    assert done.status == 2
    assert "is there already, and not empty" in done.err
    assert [path.name for path in (desk / "night-owl").iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_made_is_named(desk: Path, gptstore: Command) -> None:
    (desk / "file").write_text("")

    done = gptstore("new", "night-owl", "--folder", "file/owl")

    assert done.status == 1
    assert "file/owl can't be written" in done.err


def test_every_template_is_offered() -> None:
    assert {path.name for path in TEMPLATES.iterdir()} - {"shared"} == {*Template}
