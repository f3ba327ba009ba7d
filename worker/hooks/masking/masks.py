"""Puts masks in place of personal data, in a whole text or in one that comes in pieces, with the same result."""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator

from worker.hooks.masking import ibans
from worker.hooks.masking.boundaries import DASHES, SPACES
from worker.hooks.masking.cards import find_card, find_card_shape
from worker.hooks.masking.emails import LATIN, MAX_DOMAIN, MAX_LOCAL, find_email
from worker.hooks.masking.ibans import find_iban, find_iban_shape
from worker.hooks.masking.phones import find_phone

Find = Callable[[str, int], tuple[int, int] | None]
FINDERS: list[tuple[str, Find]] = [
    ("[email]", find_email),
    ("[iban]", find_iban),
    ("[card]", find_card),
    ("[phone]", find_phone),
    ("", find_iban_shape),
    ("", find_card_shape),
]
"""The masks, and what has one. What has no mask is left as a whole, also where a part of it looks like another."""

REACH = MAX_LOCAL + MAX_DOMAIN + 2
"""The distance beyond which no text matters to a place. Numbers are shorter than addresses."""

IN_ADDRESS = f"{LATIN}_.%+'@-"
IN_NUMBER = f"0-9+./(){DASHES}{SPACES}"
OPEN_END = re.compile(
    rf"(?<![{IN_ADDRESS}])[{IN_ADDRESS}]+\Z|(?<![{IN_NUMBER}])[{IN_NUMBER}]+\Z|{ibans.OPEN_END}", re.ASCII
)
"""A tail that more text may continue as an address, a number or an IBAN."""


ASCII = {
    code: unicodedata.decimal(chr(code)) + ord("0") for code in range(128, sys.maxunicode + 1) if chr(code).isdecimal()
}
ASCII |= {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Digits of all scripts, and the full-width forms of letters and signs, by what they stand for."""


def mask(text: str) -> str:
    return "".join(masked(text, 0, len(text), find_all(fold(text), 0)))


def mask_piece(before: str, text: str, ended: bool) -> tuple[str, int]:
    """Return the masked text, and how many last characters are left out because they may be half of something."""
    whole, start = before + text, len(before)
    folded = fold(whole)
    spans = list(find_all(folded, start))
    end = len(whole) if ended else settled(folded, start, spans)
    return "".join(masked(whole, start, end, iter(spans))), len(whole) - end


def fold(text: str) -> str:
    """Return the text with ASCII digits, letters and signs, each in the place of its other forms."""
    return text if text.isascii() else text.translate(ASCII)


def settled(text: str, start: int, spans: list[tuple[int, int, str]]) -> int:
    """Return up to where more text changes nothing. A span goes there as a whole or not at all."""
    tail = max(start, len(text) - REACH)
    last = text[tail:]
    found = OPEN_END.search(last)
    end = tail + (found.start() if found else len(last))
    return next((begin for begin, stop, _ in spans if begin < end < stop), end)


def masked(text: str, start: int, end: int, spans: Iterator[tuple[int, int, str]]) -> Iterator[str]:
    for begin, stop, name in spans:
        if stop > end:
            break
        yield text[start:begin]
        yield name or text[begin:stop]
        start = stop
    yield text[start:end]


def find_all(text: str, start: int) -> Iterator[tuple[int, int, str]]:
    """Yield the masks from left to right: (begin, end, mask). Of two that overlap, the one that begins first."""
    ahead = [find(text, start) for _, find in FINDERS]
    while any(ahead):
        begin, end, number = min((*span, number) for number, span in enumerate(ahead) if span is not None)
        yield begin, end, FINDERS[number][0]
        for other, span in enumerate(ahead):
            if span is not None and span[0] < end:
                ahead[other] = FINDERS[other][1](text, end)
