"""A folder in which an author works, and the command called there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gptstore.sdk.cli.app import run


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gptstore(desk: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """gptstore("check", "--json"): run the command in the author's folder."""

    def command(*arguments: str) -> Done:
        capsys.readouterr()
        status = run(arguments)
        printed = capsys.readouterr()
        return Done(status, printed.out, printed.err)

    return command
