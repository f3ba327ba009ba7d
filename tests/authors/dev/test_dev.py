"""`gptstore dev --cli`: one run of a tool from its folder."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from gptstore.sdk.project.memory import descendants
from harness.waiting import wait_until
from tests.authors.client.command import Gptstore
from tests.authors.dev.project import ASK, body_of, write_asker

ONCE = ("dev", "asker", "--cli", "--model", "answers.txt")
HELLO = ("--text", "Hello")


def events_of(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_pipe_gets_the_bare_output_and_all_else_goes_to_stderr(asker: Path, gptstore: Gptstore) -> None:
    done = gptstore.run(*ONCE, *HELLO)

    assert (done.returncode, done.stdout) == (0, "Good morning.")
    assert re.fullmatch(r"The tool runs .*a worker's sandbox.*\.\n", done.stderr)


def test_inputs_come_from_files_and_pipes_as_with_run(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of('yield f"{mood}: {text}"'))
    (asker.parent / "letter.txt").write_text("Dear Ada")

    from_file = gptstore.run(*ONCE, "--", "--text", "@letter.txt", "--mood", "wild")
    from_pipe = gptstore.run(*ONCE, stdin=b"from a pipe")

    assert (from_file.stdout, from_pipe.stdout) == ("wild: Dear Ada", "calm: from a pipe")


def test_the_folder_may_be_left_out(asker: Path, gptstore: Gptstore) -> None:
    here = Gptstore(asker, {})

    assert here.run("dev", "--cli", "--model", "../answers.txt", *HELLO).stdout == "Good morning."
    assert here.run("dev", *HELLO, "--cli", "--model", "../answers.txt").stdout == "Good morning."


def test_help_lists_the_tool_s_inputs(asker: Path, gptstore: Gptstore) -> None:
    done = gptstore.run("dev", "asker", "--help")

    assert done.returncode == 0
    assert "Ask: Ask the model." in done.stdout
    assert "calm|wild" in done.stdout


def test_a_wrong_flag_is_a_wrong_call(asker: Path, gptstore: Gptstore) -> None:
    assert gptstore.run(*ONCE, *HELLO, "--volume", "3").returncode == 2
    missing = gptstore.run(*ONCE)
    assert (missing.returncode, "--text: " in missing.stderr) == (2, True)


def test_json_is_one_event_a_line(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of('ctx.log("begun")\nctx.progress(1, 2, "half")\nprint("debug")\n') + ASK.splitlines()[-1])

    done = gptstore.run(*ONCE, *HELLO, "--json")
    events = events_of(done.stdout)

    assert {event["event"] for event in events} == {
        "started",
        "log",
        "progress",
        "printed",
        "model",
        "output",
        "finished",
    }
    assert "".join(event["data"]["text"] for event in events if event["event"] == "output") == "Good morning."
    last = events[-1]["data"]
    assert (last["status"], last["output"], last["usage"]["completion_tokens"]) == ("succeeded", "Good morning.", 3)


def test_show_prints_what_was_asked_with_tokens_and_times(asker: Path, gptstore: Gptstore) -> None:
    done = gptstore.run(*ONCE, *HELLO, "--show")

    assert done.stdout == "Good morning."
    assert "── request 1: max_tokens=50, temperature=0.0\n   prompt:\n     calm: Hello\n   answer:\n" in done.stderr
    assert "── ask: 1 request, 3 tokens in, 3 out, " in done.stderr


def test_what_the_tool_logs_and_prints_goes_to_stderr_without_orders_to_the_terminal(
    asker: Path, gptstore: Gptstore
) -> None:
    write_asker(asker, body_of('ctx.log("a \\x1b[2J log")\nos.write(1, b"printed\\n")\nyield "out\\x1b[31m"'))

    with gptstore.terminal(*ONCE, *HELLO) as terminal:
        assert terminal.end() == 0

    assert "a ␛[2J log" in terminal.text
    assert "printed" in terminal.text
    assert "out␛[31m\n" in terminal.text


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('raise ToolError("Give another text.")', "Error: Give another text. (tool_error)"),
        ("raise KeyError(text)", "Error: KeyError: 'Hello' (tool_crashed)"),
        ("os._exit(3)", "Error: The tool did not come to its end: its process ended with status 3. (tool_crashed)"),
        ('ctx.model.complete("x", temperature=-1)', "Error: temperature must be 0 or more, not -1. (bad_request)"),
    ],
    ids=["tool error", "crash", "exit", "parameter"],
)
def test_a_failed_run_says_why_and_ends_with_one(asker: Path, gptstore: Gptstore, lines: str, sentence: str) -> None:
    write_asker(asker, body_of(f'{lines}\nreturn ""').replace("Iterator[str]", "str"))

    done = gptstore.run(*ONCE, *HELLO)

    assert done.returncode == 1
    assert done.stderr.endswith(f"{sentence}\n")


def test_a_crash_shows_its_traceback(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of("return str(1 / 0)").replace("Iterator[str]", "str"))

    assert ", in ask\n    return str(1 / 0)\n" in gptstore.run(*ONCE, *HELLO).stderr


def test_a_run_ends_when_its_time_is_up(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of("time.sleep(600)\nyield text").replace("@tool(", "@tool(max_seconds=1, "))

    done = gptstore.run(*ONCE, *HELLO)

    assert (done.returncode, "may take 1 seconds. (timeout)" in done.stderr) == (1, True)


@pytest.mark.parametrize("lines", ["", "time.sleep(600)\n"], ids=["that asks on", "that sleeps"])
def test_ctrl_c_cancels_a_tool(asker: Path, gptstore: Gptstore, lines: str) -> None:
    write_asker(asker, body_of(f'yield "begun"\n{lines}while True:\n    time.sleep(0.05)\n    ctx.log("on")'))

    with gptstore.terminal(*ONCE, *HELLO) as terminal:
        terminal.wait_for("begun")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130

    assert "The run was canceled." in terminal.text


@pytest.mark.parametrize("flags", [(), ("--no-sandbox",)])
def test_the_tool_s_processes_end_with_the_command(asker: Path, gptstore: Gptstore, flags: tuple[str, ...]) -> None:
    write_asker(asker, body_of('yield "begun"\ntime.sleep(600)'))

    with gptstore.start(*ONCE, *flags, *HELLO) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        started = descendants(process.pid)
        assert started
        process.send_signal(signal.SIGINT)
        process.wait(60)

    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), "the end of the tool's processes")


def test_of_several_tools_one_is_chosen(asker: Path, gptstore: Gptstore) -> None:
    second = ASK.replace('slug="ask"', 'slug="ask-again"').replace("def ask", "def again")
    write_asker(asker, f"{ASK}\n\n{second}", "ask, again")

    unsaid = gptstore.run(*ONCE, *HELLO)

    assert (unsaid.returncode, unsaid.stderr) == (
        2,
        "Error: The plugin has several tools: choose one by --tool ask|ask-again.\n",
    )
    assert gptstore.run(*ONCE, "--tool", "ask-again", *HELLO).stdout == "Good morning."


def test_a_broken_plugin_is_the_line_of_check(asker: Path, gptstore: Gptstore) -> None:
    (asker / "acme_asker.py").write_text("def broken(:\n")

    done = gptstore.run(*ONCE, *HELLO)
    line = gptstore.run("check", "asker", "--offline").stdout.splitlines()[0]

    assert done.returncode == 1
    assert done.stderr == f"Error: {line}\n"


@pytest.mark.parametrize("top", ["import os; os._exit(5)\n", "while True: pass\n"], ids=["ends", "does not end"])
def test_an_import_that_does_not_come_back_is_named(asker: Path, gptstore: Gptstore, top: str) -> None:
    file = asker / "acme_asker.py"
    file.write_text(top + file.read_text())

    done = gptstore.run(*ONCE, *HELLO)

    assert (done.returncode, done.stderr.startswith("Error: asker/acme_asker.py:1: import-")) == (1, True)


def test_settings_reach_the_tool(asker: Path, gptstore: Gptstore) -> None:
    kind = "class Keys(BaseModel):\n    place: str\n\n\n"
    code = kind + body_of("yield ctx.settings.place").replace("@tool(", "@tool(settings=Keys, ")
    write_asker(asker, code)

    assert gptstore.run(*ONCE, *HELLO, "--settings", '{"place": "Rome"}').stdout == "Rome"


def test_an_answer_that_the_tool_does_not_read_to_its_end_is_reported(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of("yield next(ctx.model.stream(text))"))

    events = events_of(gptstore.run(*ONCE, *HELLO, "--json").stdout)

    assert [event["data"]["problem"] for event in events if event["event"] == "model"] == ["not read to its end"]
    assert events[-1]["event"] == "finished"
