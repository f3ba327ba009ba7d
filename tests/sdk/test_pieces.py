from itertools import count

import pytest

from gptstore.sdk.answer import logprobs_of, with_logprobs
from gptstore.sdk.logprobs import TokenLogprob
from gptstore.sdk.pieces import strip_pieces


def passed_on(pieces):
    """The pieces that come out, and the text that is returned."""
    stream, out = strip_pieces(pieces), []
    while True:
        try:
            out.append(next(stream))
        except StopIteration as end:
            return out, end.value


@pytest.mark.parametrize(
    "pieces", [[" One\ntwo. "], [" ", "\n", "One", "\n", "two", ".", " ", "\n"], ["", " O", "ne\nt", "wo. ", ""]]
)
def test_white_space_goes_at_both_ends_and_stays_inside(pieces):
    out, text = passed_on(pieces)
    assert "".join(out) == text == "One\ntwo."
    assert "" not in out


@pytest.mark.parametrize("pieces", [[], [""], [" ", "\n\t"]])
def test_a_text_of_white_space_gives_nothing(pieces):
    assert passed_on(pieces) == ([], "")


def test_each_piece_is_passed_on_before_the_next_is_asked_for():
    stream = strip_pieces(str(number) for number in count())
    assert [next(stream) for _ in range(3)] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "pieces", [["\n| One|\n|two|.| \n| "], ["\n", "| One|\n", "|two|.", "| \n|", "| "], ["\n| One", "|\n|two|.| \n| "]]
)
def test_tokens_of_what_is_stripped_are_left_out(pieces):
    """The borders between tokens are marked in the test's own texts."""
    weighed = [
        with_logprobs(
            piece.replace("|", ""), [TokenLogprob(token.encode(), -1.0) for token in piece.split("|") if token]
        )
        for piece in pieces
    ]

    out, text = passed_on(weighed)

    assert text == "One\ntwo."
    assert [one.text for piece in out for one in logprobs_of(piece)] == [" One", "\n", "two", "."]
