"""Text that arrives in pieces: made harmless for terminals, and written once though it may begin again."""

import pytest

from gptstore.sdk.cli.job_ids import shorten
from gptstore.sdk.cli.live_text import LiveText
from gptstore.sdk.cli.terminal import TerminalText, harmless, harmless_line

DIFFER = "<differs>"


class Written:
    """What a LiveText writes."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.text = LiveText(self.pieces.append, lambda: self.pieces.append(DIFFER))

    def __str__(self) -> str:
        return "".join(self.pieces)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 世界 🙂\t\n", "plain é 世界 🙂\t\n"),
        ("\x1b[2J", "␛[2J"),
        ("\x07\x00\x7f", "␇␀␡"),
        ("\x9b31m\x85", "�31m�"),
    ],
)
def test_control_characters_are_shown_instead_of_obeyed(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_a_line_stays_one_line() -> None:
    assert harmless_line("a\nb\rc\td\u2028e") == "a b c d e"


@pytest.mark.parametrize(
    "pieces", [["a\r\nb\rc\n\nd"], ["a\r", "\nb\r", "c\n", "\nd"], ["a\r", "", "\nb", "\r", "c\n\nd"]]
)
def test_line_ends_of_all_systems_end_a_line_however_they_are_cut(pieces: list[str]) -> None:
    text = TerminalText()

    assert "".join(map(text.piece, pieces)) == "a\nb\nc\n\nd"


def test_a_text_that_begins_again_is_written_once() -> None:
    written = Written()

    written.text.add("one ")
    written.text.add("two ")
    written.text.restart()
    for piece in ("on", "e two th", "ree"):
        written.text.add(piece)
    written.text.end("one two three")

    assert written.pieces == ["one ", "two ", "th", "ree"]


def test_it_may_begin_again_while_it_is_repeated() -> None:
    written = Written()

    written.text.add("one two")
    written.text.restart()
    written.text.add("one")
    written.text.restart()
    written.text.add("one two three")

    assert str(written) == "one two three"


def test_another_text_is_written_as_a_whole() -> None:
    written = Written()

    written.text.add("one two")
    written.text.restart()
    written.text.add("one ")
    written.text.add("or two")
    written.text.end("one or two")

    assert str(written) == f"one two{DIFFER}one or two"


@pytest.mark.parametrize(
    ("final", "shown"), [("one", f"one two{DIFFER}one"), ("one two three", "one two three"), ("", f"one two{DIFFER}")]
)
def test_the_final_text_is_what_counts(final: str, shown: str) -> None:
    written = Written()

    written.text.add("one two")
    written.text.end(final)

    assert str(written) == shown


def test_ids_are_as_short_as_they_can_be() -> None:
    ids = ["01a2049d-4169-7a2d", "01a2049d-5169-7a2d", "01a2049e-4169-7a2d"]

    assert shorten(ids) == ["01a2049d-4", "01a2049d-5", "01a2049e"]
