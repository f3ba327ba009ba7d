"""`gptstore dev` as a command that serves the page."""

import signal
import socket
from pathlib import Path

import httpx

from harness.waiting import wait_until
from tests.authors.client.command import Gptstore
from tests.authors.dev.project import write_asker


def test_a_plugin_that_is_broken_at_the_start_is_mended_while_the_page_is_open(asker: Path, gptstore: Gptstore) -> None:
    # Given a plugin that can't be imported, and a command with an option and a flag behind the folder
    (asker / "acme_asker.py").write_text("def broken(:\n")
    options = ["--model", "answers.txt", "--text", "Hello", "--no-open"]
    with gptstore.start("dev", "asker", *options) as server, httpx.Client(follow_redirects=True) as client:
        assert server.stdout is not None
        address = server.stdout.readline().decode().strip()
        # Then the page says so
        page = client.get(address)
        assert "No tool yet" in page.text and "asker/acme_asker.py:1: " in page.text
        # When it is mended, its form is there
        write_asker(asker)
        start = address.partition("?")[0]
        wait_until(lambda: "Ask the model." in client.get(start).text, "the form")
        # When it is interrupted, it ends as an interrupted command, and says nothing of it
        server.send_signal(signal.SIGINT)
        _out, errors = server.communicate(timeout=30)
    assert server.returncode == 130
    assert b"Error" not in errors and b"Traceback" not in errors


def test_a_port_that_is_taken_is_an_error_with_advice(asker: Path, gptstore: Gptstore) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = gptstore.run("dev", "asker", "--model", "answers.txt", "--port", port)

    assert done.returncode == 1
    assert f"Port {port} can't be used" in done.stderr and "leave --port out" in done.stderr


def test_a_folder_without_a_plugin_is_an_error(gptstore: Gptstore) -> None:
    done = gptstore.run("dev", ".")

    assert done.returncode == 1 and "pyproject.toml" in done.stderr


def test_a_flag_that_makes_no_sense_is_an_error_before_anything_is_served(asker: Path, gptstore: Gptstore) -> None:
    done = gptstore.run("dev", "asker", "--model", "answers.txt", "--mood", "angry")

    assert done.returncode != 0 and "--mood" in done.stderr and "http" not in done.stdout
