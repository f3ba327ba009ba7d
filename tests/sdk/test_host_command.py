"""`python -m gptstore.sdk.host` by hand: what a person reads who tries it."""

import subprocess
import sys

import pytest


def run_host(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gptstore.sdk.host", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_help_says_who_starts_it() -> None:
    done = run_host("--help")

    assert done.returncode == 0
    assert done.stdout.startswith("usage: python -m gptstore.sdk.host [-h] plugin descriptor")
    assert "A worker's sandbox starts this" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "the following arguments are required: plugin, descriptor"),
        (("gptstore-summarizer",), "the following arguments are required: descriptor"),
        (("gptstore-summarizer", "one"), "argument descriptor: invalid int value: 'one'"),
        (("gptstore-summarizer", "55"), "the descriptor 55 is not open"),
        (("gptstore-summarizer", "0"), "the descriptor 0 is no socket"),
    ],
)
def test_wrong_arguments_end_with_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    done = run_host(*arguments)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
