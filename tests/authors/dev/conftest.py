"""A desk with a project on it, and the command as a person calls it there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.authors.client.command import Gptstore
from tests.authors.dev.project import ModelServer, model_server, write_asker


@pytest.fixture
def gptstore(tmp_path: Path) -> Gptstore:
    return Gptstore(tmp_path, {})


@pytest.fixture
def asker(tmp_path: Path) -> Path:
    """The project `asker` in the current folder, with a script of its model's answers beside it."""
    (tmp_path / "answers.txt").write_text("Good morning.")
    return write_asker(tmp_path / "asker")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server
