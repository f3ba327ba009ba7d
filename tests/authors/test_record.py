"""`gptstore check --record`: what it sees of a tool's examples, what it proposes, and how it changes the source."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from gptstore.sdk.cli.record import Recording, print_recordings, recordings_of, write_changes
from gptstore.sdk.intake.check_project import Report
from gptstore.sdk.project.describe import describe_project
from gptstore.sdk.project.reading import read_project
from gptstore.sdk.recording.decorator import UneditableError, edit_source
from tests.authors.broken.plugin import Broken
from tests.authors.client.command import Gptstore
from tests.authors.conftest import Command

REACHING = '''\
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

from gptstore.sdk import Context, Example, Field, hookimpl, tool

OPTIONS = {"max_log_lines": 5}


@tool(title="Reacher", examples=[Example("All", {"name": "OUTSIDE"})])
def reach(ctx: Context, name: str) -> str:
    """Reach for things."""
    with socket.create_connection(("localhost", PORT)):
        pass
    try:
        socket.getaddrinfo("nowhere.invalid", 443)
    except OSError:
        pass
    Path(name).write_text("outside")
    Path("within").write_text("within")
    tempfile.TemporaryFile().close()
    subprocess.run(["true"])
    large = bytearray(60_000_000)
    return ctx.model.complete("Twelve words", max_tokens=700)[: len(large)]


@tool(title="Idle", max_seconds=600, network=True, **OPTIONS)
def idle(ctx: Context) -> str:
    """Do nothing."""
    return "x"


@tool(
    title="Boastful",
    max_seconds=600,  # as long as the slowest
    network=True,
    examples=[Example("One", {"text": "a"})],
)
def boast(ctx: Context, text: Annotated[str, Field(max_length=20_000)]) -> str:
    """Ask for more than it needs.

    Network: asks nobody, for nothing.
    """
    return ctx.model.complete(text)


@tool(title="Failing", examples=[Example("One", {"text": "a"})])
def fail(ctx: Context, text: str) -> str:
    """Fail."""
    raise RuntimeError("no luck")


@hookimpl
def gptstore_tools():
    return [reach, idle, boast, fail]
'''


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("localhost", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    folder = Broken("greeter", "").write(tmp_path_factory.mktemp("desk"))
    text = REACHING.replace("PORT", str(port)).replace("OUTSIDE", str(folder.parent / "outside.txt"))
    (folder / "acme_greeter.py").write_text(text)
    return folder


@pytest.fixture(scope="module")
def recordings(folder: Path) -> list[Recording]:
    """What was recorded of the four tools."""
    found = describe_project(read_project(folder))
    return recordings_of(folder, Report([], found.manifest, found.lines), 5, write=False)


def test_everything_that_the_examples_take_and_reach_is_seen(
    recordings: list[Recording], folder: Path, port: int
) -> None:
    reach, idle, _, fail = [one.as_data() for one in recordings]

    assert reach["hosts"] == [f"localhost:{port}", "nowhere.invalid:443"]
    assert reach["written"] == [str(folder.parent / "outside.txt")]
    assert [Path(name).name for name in reach["programs"]] == ["true"]
    assert 60e6 < reach["memory"] < 90e6
    assert reach["answer_tokens"] == 700
    assert 0 < reach["seconds"] < 5
    proposed = {change["option"]: change["proposed"] for change in reach["changes"]}
    assert proposed == {"max_seconds": 45, "max_memory_mb": 128, "max_model_tokens": 710, "network": True}
    assert idle["error"] == "it has no example to run"
    assert fail["error"] == "the example 'One' fails: RuntimeError: no luck"


def test_a_person_reads_the_difference_and_the_lines_to_paste(
    recordings: list[Recording], port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    print_recordings(recordings)

    out, err = capsys.readouterr()
    assert f"  network: False → True (it connects to localhost:{port}, nowhere.invalid:443)\n" in out
    assert "  note: it writes outside of its own folder, which a store refuses: " in out
    assert "  note: a call without max_tokens counts as a whole context of 8192 tokens" in out
    assert "  note: text may have 20000 characters, and the examples have 1 at most" in out
    assert "  network: True → False (its examples connect to nothing)\n" in out
    assert "acme_greeter.py:12: paste into @tool, or give --write:\n    max_seconds=45,\n" in out
    assert 'The docstring has to say why, too: "Network: connects to localhost:' in err


def test_each_tool_of_a_file_gets_its_own_limits(recordings: list[Recording], folder: Path) -> None:
    module = folder / "acme_greeter.py"
    before = module.read_text()

    write_changes(recordings)

    text = module.read_text()
    assert [one.is_written for one in recordings] == [True, False, True, False]
    assert 'title="Reacher", max_seconds=45, max_memory_mb=128, max_model_tokens=710, network=True, examples=' in text
    assert "max_seconds=600,  # as long as the slowest\n    network=False,\n    max_memory_mb=64,\n    max_mod" in text
    module.write_text(before)


def test_what_is_written_fits_the_next_time(desk: Path, gptstore: Command) -> None:
    module = Broken("greeter", "").write(desk) / "acme_greeter.py"

    first = gptstore("check", "greeter", "--record", "--write", "--json")
    second = gptstore("check", "greeter", "--record")

    [tool] = json.loads(first.out)["recorded"]
    assert (tool["tool"], tool["is_written"], tool["paste"]) == (
        "greet",
        True,
        ["max_seconds=10,", "max_memory_mb=64,"],
    )
    assert 'category="writing", max_seconds=10, max_memory_mb=64, examples=' in module.read_text()
    assert second.out.endswith("tokens, no host\n  its limits fit\n")


@pytest.mark.parametrize(("answer", "is_written"), [("y\n", True), ("\n", False)])
def test_a_person_on_a_terminal_is_asked(desk: Path, answer: str, is_written: bool) -> None:
    module = Broken("greeter", "").write(desk) / "acme_greeter.py"

    with Gptstore(desk, {}).terminal("check", "greeter", "--record") as terminal:
        terminal.wait_for("Write this into the source?")
        terminal.type(answer)
        assert terminal.end() == 0

    assert ("max_memory_mb=64" in module.read_text()) == is_written
    assert ("acme_greeter.py:4: written." in terminal.text) == is_written


def test_write_alone_is_a_wrong_call(desk: Path, gptstore: Command) -> None:
    Broken("greeter", "").write(desk)

    assert gptstore("check", "greeter", "--write").status == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@tool", "@tool(max_seconds=30, network=True)"),
        ("@tool()", "@tool(max_seconds=30, network=True)"),
        ("@sdk.tool(title='é')", "@sdk.tool(title='é', max_seconds=30, network=True)"),
        ("@tool(max_seconds=5, title='é',)", "@tool(max_seconds=30, title='é', network=True,)"),
        ("@tool(network=False, examples=[\n  1])", "@tool(network=True, max_seconds=30, examples=[\n  1])"),
        ("@tool(\n  title='x',  # x\n)", "@tool(\n  title='x',\n  max_seconds=30,\n  network=True,  # x\n)"),
        ("@tool(\r\n\texamples=[],\r\n)", "@tool(\r\n\tmax_seconds=30,\r\n\tnetwork=True,\r\n\texamples=[],\r\n)"),
        ("@tool(max_seconds=None, network=True)", "@tool(max_seconds=30, network=True)"),
    ],
)
def test_only_the_keywords_change(before: str, after: str) -> None:
    rest = "\ndef f(): pass  # f\nx = 1\n"

    edited = edit_source(f"# ü\n{before}{rest}".encode(), 2, {"max_seconds": 30, "network": True})

    assert edited.decode() == f"# ü\n{after}{rest}"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("@tool(**OPTIONS)\ndef f(): pass", "in a variable"),
        ("@tool(max_seconds=LONG)\ndef f(): pass", "not written as a number"),
        ("@tool\n@other\ndef f(): pass", "other decorators"),
        ("f = tool(g)\n", "no @tool"),
        ("@tool(", "no Python"),
    ],
)
def test_what_is_not_safe_to_change_is_left_to_the_author(source: str, why: str) -> None:
    with pytest.raises(UneditableError, match=why):
        edit_source(dedent(source).encode(), 1, {"max_seconds": 30})
