"""`gptstore install` finds the store of `make demo`, and runs no command that somebody else names."""

import json
import os
import signal
from pathlib import Path

import pytest

from gptstore.sdk.cli.errors import StoreFailed, UsageError
from gptstore.sdk.cli.local_store import DJANGO, LocalStore, find_store

MANAGE = ["sh", "-c", 'echo "{\\"folder\\": \\"$GPTSTORE_RELEASES\\", \\"root\\": \\"$PWD\\"}"']


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GPTSTORE_VAR", str(tmp_path))
    return tmp_path


@pytest.fixture
def demo(var: Path) -> Path:
    """The folder of a demo, whose command says where it runs."""
    written = {"url": "", "releases": str(var / "releases"), "root": str(var), "manage": MANAGE}
    (var / "demo.json").write_text(json.dumps(written))
    return var


@pytest.mark.parametrize("given", [None, "releases"])
def test_the_demo_is_found_by_its_folder(demo: Path, given: str | None) -> None:
    store = find_store(demo / given if given else None)
    assert store == LocalStore(demo / "releases", tuple(MANAGE), str(demo))
    with store.start("sync_releases") as command:
        assert command is not None
        assert command.ask({}) == {"folder": str(demo / "releases"), "root": str(demo)}


def test_another_folder_is_another_store(demo: Path) -> None:
    assert find_store(demo / "other") == LocalStore(demo / "other", DJANGO)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"releases": 1}', '{"url": "http://127.0.0.1"}'])
def test_without_a_demo_the_folder_has_to_be_named(var: Path, content: str | None) -> None:
    if content is not None:
        (var / "demo.json").write_text(content)
    with pytest.raises(UsageError, match="GPTSTORE_VAR"):
        find_store(None)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file to another user")
def test_what_somebody_else_wrote_is_no_demo(demo: Path) -> None:
    os.chown(demo / "demo.json", 12345, 12345)
    with pytest.raises(UsageError):
        find_store(None)


def test_a_command_that_fails_is_quoted(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, ("sh", "-c", "echo first >&2; echo no secret key >&2; exit 1"))
    with store.start("sync_releases") as command, pytest.raises(StoreFailed, match=r"^no secret key$"):
        assert command is not None
        command.ask({})


def test_each_request_is_answered_and_nobody_waits_for_the_end(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, ("sh", "-c", "read -r line; echo $line; read -r line; echo $line; exec sleep 300"))
    with store.start("sync_releases") as command:
        assert command is not None
        assert [command.ask({"seconds": number}) for number in (1, 2)] == [{"seconds": 1}, {"seconds": 2}]
    assert command.process.returncode == -signal.SIGKILL


def test_what_lies_in_the_current_folder_names_no_command(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.joinpath("var").mkdir()
    demo.joinpath("demo.json").rename(demo / "var" / "demo.json")
    monkeypatch.delenv("GPTSTORE_VAR")
    monkeypatch.setattr("gptstore.sdk.cli.local_store.is_installed", lambda: False)
    monkeypatch.chdir(demo)

    with pytest.raises(UsageError, match="GPTSTORE_VAR"):
        find_store(None)
