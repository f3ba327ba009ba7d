"""What the masking hooks make of each row, as a whole text and however it is cut into pieces."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.rows import read_rows
from worker.hooks.filters import OutputFilter
from worker.hooks.job_info import RunningJob
from worker.hooks.loading import load_named
from worker.hooks.masking.ibans import LENGTHS
from worker.hooks.masking.masks import mask

SEPARATORS = ["", " ", "-", "\u00a0", "\u2009", "\u2011"]
SAMPLES = settings(max_examples=200, deadline=None, derandomize=True)


def stream(text: str, *cuts: int) -> str:
    borders = [0, *sorted(cuts), len(text)]
    answers = OutputFilter(load_named(["masking-answers"]), RunningJob("1", "qa", 7, 1))
    pieces = [answers.feed(text[begin:end]) for begin, end in pairwise(borders)]
    return "".join([*pieces, answers.feed("", ended=True)])


@pytest.mark.parametrize("row", read_rows("masking"))
def test_a_number_is_masked_as_a_whole_or_not_at_all(row: Any) -> None:
    assert mask(row["input"]) == row["right"]
    assert mask(row["right"]) == row["right"]


@pytest.mark.parametrize("row", read_rows("masking"))
def test_a_streamed_text_is_masked_as_the_whole_one_wherever_it_is_cut(row: Any) -> None:
    text = row["input"]
    assert stream(text, *range(len(text))) == row["right"]
    assert [cut for cut in range(len(text)) if stream(f"{text} and more", cut) != f"{row['right']} and more"] == []


def make_iban(country: str, account: int, *, off_by: int = 0) -> str:
    digits = f"{account:040}"[-(LENGTHS[country] - 4) :]
    number = int("".join(str(int(sign, 36)) for sign in f"{digits}{country}00"))
    return f"{country}{(98 - number % 97 + off_by - 2) % 97 + 2:02}{digits}"


def group(iban: str, separator: str, size: int) -> str:
    return separator.join(iban[at : at + size] for at in range(0, len(iban), size))


@SAMPLES
@given(st.sampled_from(sorted(LENGTHS)), st.integers(0, 10**28), st.sampled_from(SEPARATORS), st.integers(4, 6))
def test_every_countrys_iban_is_masked_in_every_grouping(country: str, account: int, joint: str, size: int) -> None:
    assert mask(f"to {group(make_iban(country, account), joint, size)}, please") == "to [iban], please"


@SAMPLES
@given(st.sampled_from(sorted(LENGTHS)), st.integers(0, 10**28), st.sampled_from(SEPARATORS), st.integers(1, 96))
def test_of_an_iban_with_wrong_check_digits_no_part_is_masked(country: str, account: int, joint: str, off: int) -> None:
    text = f"to {group(make_iban(country, account, off_by=off), joint, 4)}, please"
    assert mask(text) == text
    assert stream(text, 9, 20) == text
