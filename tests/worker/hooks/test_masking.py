"""What is masked and what is left, in whole texts and in pieces, also where somebody wants it to take for ever."""

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.worker.hooks.conftest import JOB, through
from worker.hooks.filters import OutputFilter, filter_input
from worker.hooks.loading import load_named
from worker.hooks.masking.cards import checks
from worker.hooks.masking.masks import REACH, mask

EMAILS = [
    "ada@example.org",
    "Ada.Lovelace+news@mail.example.co.uk",
    "o'neil_99@a-b.co",
    "zoë@müller.de",
    "a@xn--mller-kva.xn--p1ai",
    "1234567890@example.org",
    "git@example.org",
]
IBANS = [
    "DE89 3704 0044 0532 0130 00",
    "GB29NWBK60161331926819",
    "FR14-2004-1010-0505-0001-3M02-606",
    "NO93\u00a08601\u00a01117\u00a0947",
]
CARDS = [
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111111111111111",
    "378282246310005",
    "3782 822463 10005",
    "30569309025904",
    "3056 930902 5904",
    "4222222222222",
    "6212345678900000003",
    "621234 5678900000003",
    "2223003122003222",
    "9792030394440796",
]
PHONES = [
    "(+49) 30 1234567",
    "011 49 30 1234567",
    "+49 30 1234567",
    "+49 (0)30 123456-78",
    "+1 212-555-0199",
    "+1 (212) 555-0199",
    "+14155550199",
    "+1.415.555.0199",
    "+86 138 1234 5678",
    "+33 6 12 34 56 78",
    "+44\u00a020\u00a07946\u00a00958",
    "+49–30–1234567",
    "0049 30 1234567",
    "00493012345678",
    "030 1234567",
    "(030) 123 45 67",
    "030/123 45 67",
    "0171/1234567",
    "01712345678",
    "0612345678",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "06-12345678",
    "020 7946 0958",
    "07700 900123",
    "0131 496 0123",
    "010-1234-5678",
    "0755-12345678",
    "090-1234-5678",
    "(02) 9876 5432",
    "0412 345 678",
    "(212) 555-0199",
    "(212)555-0199",
    "212-555-0199",
    "212.555.0199",
    "212 555 0199",
    "1-800-555-0199",
    "1 (212) 555-0199",
    "13812345678",
    "138 1234 5678",
    "138-1234-5678",
    "98765 43210",
    "8 (912) 345-67-89",
    "8-912-345-67-89",
    "(11) 91234-5678",
]
FOUND = [
    *((text, "[email]") for text in EMAILS),
    *((text, "[iban]") for text in IBANS),
    *((text, "[card]") for text in CARDS),
    *((text, "[phone]") for text in PHONES),
]

LEFT = [
    # dates and times
    "2024-01-02",
    "2024-01-02T03:04:05.123456+00:00",
    "2024/01/02 03:04:05",
    "01.02.2024",
    "01.02.2024 12:30",
    "01.02.24 1234",
    "01/02/2024 1234",
    "08/2024 123456",
    "1999-2004",
    "2019-2020-2021",
    "00:30:12",
    "1700000000",
    "1700000000123",
    "1700000000123456789",
    # prices, amounts, measures
    "$1,234,567.00",
    "1.234.567,89 €",
    "1 234 567",
    "612 345 678",
    "3.14159265358979",
    "0.4111111111111111",
    "0.30000000000000004",
    "-2.13812345678",
    "+1.23456789",
    "1e+10",
    "+5",
    "007",
    "90210-1234",
    # codes
    "v1.2.3.4",
    "192.168.100.200",
    "10.0.0.1:8080",
    "2001:db8::1",
    "978-3-16-148410-0",
    "ISBN 9783161484100",
    "ISBN-13: 9780306406157",
    "ISBN 0306406152",
    "ISBN-10: 0306406152",
    "0-306-40615-2",
    "550e8400-e29b-41d4-a716-446655440000",
    "12345678-1234-1234-1234-123456789012",
    "deadbeef4111111111111111",
    "4111111111111112",
    "4111 1111 1111 1112",
    "12345678901234567890",
    "0123456789",
    "01 02 03 04 05 06 07 08 09 10",
    "#1234567",
    "Q0612345678",
    # numbers of accounts
    "DE88 3704 0044 0532 0130 00",
    "3704 0044 0532 0130 00",
    "4111 0612 3456 7890",
    # code
    "x = 1234567890",
    "total = 9876543210",
    "0x1234567890",
    "1_000_000_000",
    "range(1000000000)",
    "user@host",
    "react@18.2.0",
    "git clone git@github.com:ada/engine.git",
    "@dataclass",
    "a @ b",
    "f(1)(2)(3)",
    "",
    "@",
    "no numbers at all, but (brackets) and + signs - and dots...",
]


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[text for text, _ in FOUND])
def test_what_belongs_to_one_person_is_masked_wherever_it_stands(text: str, expected: str) -> None:
    for before, after in [
        ("", ""),
        ("Call ", " now."),
        ("(", ")"),
        ("a: ", ", b"),
        ("\n", "\n"),
        ("联系", "。"),
        ("<", ">."),
    ]:
        assert mask(f"{before}{text}{after}") == f"{before}{expected}{after}"


@pytest.mark.parametrize("text", LEFT, ids=LEFT)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert mask(text) == text
    assert mask(f"See {text}, or {text}.") == f"See {text}, or {text}."


def test_several_in_one_text_are_all_masked() -> None:
    text = "Ada <ada@example.org>, 030 1234567 or +49 171 1234567; card 4111 1111 1111 1111 12/27,378282246310005,123"
    assert mask(text) == "Ada <[email]>, [phone] or [phone]; card [card] 12/27,[card],123"


def test_the_check_digit_is_luhns() -> None:
    assert [digit for digit in "0123456789" if checks("7992739871" + digit)] == ["3"]


def test_the_hooks_mask_inputs_and_answers() -> None:
    asked = {"text": "ada@example.org", "lines": ["030 1234567", "x"], "count": 5}
    assert filter_input(load_named(["masking"]), JOB, asked) == {
        "text": "[email]",
        "lines": ["[phone]", "x"],
        "count": 5,
    }
    answers = OutputFilter(load_named(["masking-answers"]), JOB)
    pieces = ["Write to ada", "@exam", "ple.org", " or", " to", " Charles", ".\n", "0", "30 12", "34567"]
    said = ["Write to ", "", "", "[email] ", "or ", "to ", "Charles.\n", "", "", "", "[phone]"]
    assert through(answers, *pieces) == said


PIECES = [*(text for text, _ in FOUND), *LEFT]
PIECES += [
    " ",
    ".",
    "-",
    ",",
    "@",
    "+",
    "(",
    ")",
    "0",
    "1",
    "06",
    "x",
    "_",
    "é",
    "中",
    "\n",
    "/",
    ":",
    "ISBN ",
    "DE89",
    "DE",
    " 3704",
    "0044 ",
]
LONG = ["a" * 400, "1" * 400, "1 " * 300, "06 " * 150, "a." * 200, "-" * 400, "@a" * 200]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text("0123456789+-.() @ax", max_size=12), max_size=14).map("".join)
LONG_TEXTS = st.lists(st.sampled_from(PIECES) | st.sampled_from(LONG), max_size=6).map("".join)


def in_pieces(text: str, cuts: list[int]) -> str:
    borders = [0, *sorted(cuts), len(text)]
    screen = OutputFilter(load_named(["masking-answers"]), JOB)
    return "".join(through(screen, *(text[begin:end] for begin, end in pairwise(borders))))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(TEXTS | LONG_TEXTS, st.data())
def test_how_a_text_is_cut_never_changes_the_result(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    assert in_pieces(text, cuts) == mask(text)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS)
@example("0301234567-0301234567")
@example("0301234567(030) 1234567")
@example("a@b.co(030) 1234567")
@example("4111 1111 1111 1111(0ada@example.org")
@example("4111 1111 1111 1111–0ada@example.org")
@example("06 12 34 56 78(11) 91234-5678")
@example("a@xn--p1ai.xn--p1ai010-1234-5678+49 30 1234567")
def test_a_masked_text_is_left_as_it_is(text: str) -> None:
    once = mask(text)
    assert mask(once) == once
    assert in_pieces(text, list(range(len(text)))) == once


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_characters="@", exclude_categories=["Nd", "Cs"])))
def test_a_text_without_digits_and_at_signs_is_left_as_it_is(text: str) -> None:
    assert mask(text) == text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(10**10, 10**17 - 1), st.sampled_from("23456"), st.sampled_from(["", " ", "-"]))
def test_every_number_with_a_right_check_digit_is_a_card(number: int, first: str, joint: str) -> None:
    digits = f"{first}{number}"
    digits = next(digits + last for last in "0123456789" if checks(digits + last))
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    assert mask(f"pay {joint.join(groups)}!") == "pay [card]!"


MEGABYTE = 1_000_000
HOSTILE = {
    "digits": "1",
    "zeros": "0",
    "spaced digits": "1 ",
    "pairs": "06 ",
    "groups": "4111 ",
    "groups that never check": "4111-1111-1111-1112-",
    "plus": "+",
    "plus and digit": "+1",
    "brackets": "(",
    "opened numbers": "(0",
    "open brackets": "06(((",
    "at": "@",
    "a@": "a@",
    "letters": "a",
    "labels": "a.",
    "domains without end": "@a.",
    "long local parts": "x" * 64 + "@",
    "dotted local parts": "x." * 32 + "@",
    "hyphens": "x@" + "a-" * 120 + ".",
    "ibans": "DE89 3704 0044 0532 0130 00 ",
    "mistyped ibans": "DE88 3704 0044 0532 0130 00 ",
    "beginnings of ibans": "DE89 ",
    "isbn": "ISBN 0306406152 ",
    "addresses": "ada@example.org ",
    "phones": "030 1234567, ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_as_long_a_text_takes_about_twice_as_long(name: str) -> None:
    """The bound is wide, for a busy machine; what grows with the square takes minutes and more."""
    text = HOSTILE[name] * (MEGABYTE // len(HOSTILE[name]))
    begin = time.process_time()
    mask(text)
    assert time.process_time() - begin < 40


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_stream_is_held_back_no_further_than_it_has_to_be(name: str) -> None:
    text = HOSTILE[name] * (20_000 // len(HOSTILE[name]))
    screen = OutputFilter(load_named(["masking-answers"]), JOB)
    begin = time.process_time()
    for at in range(0, len(text), 5):
        screen.feed(text[at : at + 5])
        assert len(screen.stages[0].held) <= 2 * REACH
    assert time.process_time() - begin < 40
