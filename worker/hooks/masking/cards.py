"""Finds card numbers: 13 to 19 digits (ISO/IEC 7812) with the right check digit, in one piece or in groups."""

import re

from worker.hooks.masking.boundaries import AFTER, DASHES, DIGIT_FIRST, END, NOT_WITHIN_NUMBER, SPACES

MIN_DIGITS, MAX_DIGITS = 13, 19
# The separator between groups is always the same. Points make groups of four only: `4111111.111111111` is a fraction.
GROUPS = re.compile(
    rf"(?=\d){NOT_WITHIN_NUMBER}{DIGIT_FIRST}(?:\d{{13,19}}"
    rf"|\d{{4,12}}(?P<joint>[{DASHES}{SPACES}])\d{{1,15}}(?:(?P=joint)\d{{1,15}}){{0,5}}"
    r"|\d{4}(?:\.\d{4}){2,3}(?:\.\d{1,3})?)"
)
"""A possible beginning of a number; how many of the groups belong to it is tried."""
# Payment cards begin with 2 to 6, some of India and China with 8, of Turkey with 9792. Times in milliseconds begin
# with 1 until 2033, ISBN with 978 or 979.
ISSUERS = re.compile(r"[2-6]|8[12]|9792\d{12}")
SHAPE = re.compile(
    rf"(?=[1-9]){NOT_WITHIN_NUMBER}{DIGIT_FIRST}(?<!\+)[1-9]\d{{3}}(?P<joint>[.{DASHES}{SPACES}])"
    rf"(?:\d{{4}}(?P=joint)\d{{4}}(?:(?P=joint)\d{{4}}){{0,6}}(?:(?P=joint)\d{{1,4}})?|\d{{6}}(?P=joint)\d{{4,5}}){END}"
)


def find_card(text: str, start: int, stop: int | None = None) -> tuple[int, int] | None:
    """Return where the first one from `start` on begins and ends; None when there is none.

    stop: where the search ends.
    """
    while (found := GROUPS.search(text, start, len(text) if stop is None else stop)) is not None:
        ends = [group.end() for group in re.finditer(r"\d+", found[0])]
        for end in reversed(ends):
            if is_card(found[0][:end]) and AFTER.match(text, found.start() + end):
                return found.start(), found.start() + end
        start = found.start() + ends[0]
    return None


def find_card_shape(text: str, start: int) -> tuple[int, int] | None:
    """Return where the first digits begin and end that are grouped as on a card, without a card among them.

    It may be a mistyped one or an account's number: no part of it is a phone number.
    """
    while (found := SHAPE.search(text, start)) is not None:
        if find_card(text, *found.span()) is None:
            return found.span()
        start = found.start() + 4
    return None


def is_card(written: str) -> bool:
    groups = re.findall(r"\d+", written)
    digits = "".join(groups)
    return (
        MIN_DIGITS <= len(digits) <= MAX_DIGITS
        and all(len(group) >= 3 for group in groups[:-1])
        and ISSUERS.match(digits) is not None
        and checks(digits)
    )


def checks(digits: str) -> bool:
    """Return whether the check digit is right by Luhn's formula (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(number - 9 if number > 9 else number for number in doubled)) % 10 == 0
