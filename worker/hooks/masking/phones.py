"""Finds phone numbers: international ones, and national ones that are written as phone numbers usually are.

A number alone says little: `1234567890` may count anything. So a national number needs the look of one, such as the 0
before an area code, brackets around it, or the groups that people of a country know. What looks the same as something
usual is left: seven digits without an area code, `612 345 678`, `4155550199`.

The package `phonenumbers` knows all numbers of each country, but needs to know the country, which nobody knows of a
text here: by India's rules `1234567890` is one. It also takes 20 s and more for a megabyte of hostile text.
"""

import re
from itertools import pairwise

from worker.hooks.masking.boundaries import AFTER, DASHES, DIGIT_FIRST, END, NOT_WITHIN_NUMBER, SPACES

SPACE = f"[{SPACES}]"
JOINT = f"[./{DASHES}{SPACES}]"
BETWEEN = f"[./(){DASHES}{SPACES}]{{0,3}}"

SIGNED = rf"\+(?!\d{{1,3}}\.\d+(?!\d|{JOINT}\d))[1-9](?:{BETWEEN}\d){{7,14}}"  # +49 (0)30 123456, not +1.23456789
BRACKETED = [
    rf"\([2-9]\d\d\){SPACE}?\d{{3}}{JOINT}\d{{4}}",  # (212) 555-0199
    rf"\(\d\d\){SPACE}?9?\d{{4}}[{DASHES}]\d{{4}}",  # (11) 91234-5678
    rf"\(\+[1-9]\d{{0,3}}\)(?:{BETWEEN}\d){{6,13}}",  # (+49) 30 123456
    rf"\(0[1-9]\d{{0,4}}\)(?:{BETWEEN}\d){{5,9}}",  # (030) 12 34 56
]
PLAIN = [
    rf"00[1-9](?:{BETWEEN}\d){{8,14}}",  # 0049 30 123456
    rf"011{JOINT}[1-9](?:{BETWEEN}\d){{7,14}}",  # 011 49 30 123456
    rf"(?P<zero>0[1-9](?:{BETWEEN}\d){{7,10}})",  # 030 123456, 06 12 34 56 78, 0171/1234567, 01712345678
    rf"(?:1{JOINT})?[2-9]\d\d{JOINT}\d{{3}}{JOINT}\d{{4}}",  # 212-555-0199
    rf"1{JOINT}\([2-9]\d\d\){SPACE}?\d{{3}}{JOINT}\d{{4}}",  # 1 (212) 555-0199
    rf"1[3-9]\d(?P<cn>[{DASHES}{SPACES}]?)\d{{4}}(?P=cn)\d{{4}}",  # 138 1234 5678, 13812345678
    rf"[6-9]\d{{4}}[{DASHES}{SPACES}]\d{{5}}",  # 98765 43210
    rf"8{JOINT}?\(?\d{{3}}\)?{JOINT}?\d{{3}}[{DASHES}]\d\d[{DASHES}]\d\d",  # 8 (912) 345-67-89
]
FREE = f"{SIGNED}|{DIGIT_FIRST}(?:{'|'.join(PLAIN)})"
NUMBER = re.compile(rf"(?=[+(\d])(?:{'|'.join(BRACKETED)}|{NOT_WITHIN_NUMBER}(?:{FREE})){END}")
DATE = re.compile(r"\d\d[./-]\d\d[./-](?:\d\d|(?:19|20)\d\d)(?![./-]?\d)|0\d[./-](?:19|20)\d\d(?!\d)")
ISBN = re.compile(r"ISBN(?:-1[03])?:?\s?\Z", re.IGNORECASE)
MAX_MARK = 10
MIN_DIGITS = 9
ALL_DIGITS = "0123456789"


def find_phone(text: str, start: int) -> tuple[int, int] | None:
    """Return where the first one from `start` on begins and ends; None when there is none."""
    while (found := NUMBER.search(text, start)) is not None:
        if (end := find_end(text, found)) is not None:
            return found.start(), end
        start = found.start() + 1
    return None


def find_end(text: str, found: re.Match[str]) -> int | None:
    """Return where the number ends; None when it is none. One that begins with 0 may have fewer groups than matched."""
    begin = found.start()
    if ISBN.search(text[max(0, begin - MAX_MARK) : begin]):
        return None
    if found["zero"] is None:
        return found.end()
    ends = [group.end() for group in re.finditer(r"\d+", found[0])]
    shaped = (begin + end for end in reversed(ends) if has_shape(found[0][:end]))
    return next((end for end in shaped if AFTER.match(text, end)), None)


def has_shape(number: str) -> bool:
    """Return whether a number that begins with 0 is written as phone numbers are, not as dates or lists of numbers."""
    groups = re.findall(r"\d+", number)
    if DATE.match(number) or sum(map(len, groups)) < MIN_DIGITS:
        return False
    if len(groups) == 1:
        return len(number) in (10, 11) and number != ALL_DIGITS
    if all(len(group) == 2 for group in groups):
        return len(groups) == 5 and not counts_up(groups)
    return len(groups[0]) > 2 or len(groups[1]) > 2


def counts_up(groups: list[str]) -> bool:
    """Return whether each group is the one before plus one, as in `01 02 03 04 05`."""
    return all(int(after) == int(group) + 1 for group, after in pairwise(groups))
