"""The `gptstore` command itself: how it starts, and how it ends."""

import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.main import get_command

from gptstore.sdk.cli.app import app
from gptstore.sdk.cli.console import print_error
from gptstore.sdk.cli.errors import CommandError, StoreError, UsageError


def gptstore(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gptstore.sdk.cli", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)


def test_it_says_its_version() -> None:
    assert gptstore("--version").stdout == f"gptstore {version('gptstore-sdk')}\n"


def test_without_arguments_it_shows_what_there_is() -> None:
    done = gptstore()

    assert "Usage: gptstore" in done.stdout + done.stderr
    assert done.returncode == 2


def test_its_help_lists_every_command_and_imports_neither_pydantic_nor_rich() -> None:
    code = "import sys; from gptstore.sdk.cli.app import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=True)

    named = {line.split()[0] for line in done.stdout.partition("Commands:\n")[2].splitlines() if line[2:3] != " "}
    assert named == {*get_command(app).commands}  # type: ignore[attr-defined]
    slow = {"pydantic", "rich", "httpx", "regex", "pluggy", "markdown_it"}
    assert not slow & {module.partition(".")[0] for module in done.stderr.split()}


def test_an_unknown_command_ends_with_status_2_and_names_it() -> None:
    done = gptstore("nwe")

    assert done.returncode == 2
    assert "nwe" in done.stderr and done.stdout == ""


@pytest.mark.parametrize(("error", "status"), [(CommandError, 1), (UsageError, 2), (StoreError, 3)])
def test_each_kind_of_error_has_its_own_status(error: type[CommandError], status: int) -> None:
    assert error("x").status == status


def test_an_error_is_one_sentence_in_which_nothing_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(CommandError("There is no [bold]tool[/bold] here."))

    assert capsys.readouterr().err.strip() == "Error: There is no [bold]tool[/bold] here."


def test_without_its_packages_it_says_what_to_install() -> None:
    # Given a Python in which one of them is missing
    code = "import sys; sys.modules['typer'] = None; from gptstore.sdk.cli.__main__ import main; main()"
    # When the command is called
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60)
    # Then it names the extra
    assert done.returncode == 1
    assert done.stderr == "The gptstore command needs a few more packages:  pip install 'gptstore-sdk[cli]'\n"
