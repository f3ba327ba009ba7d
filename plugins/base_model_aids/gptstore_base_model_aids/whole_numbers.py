"""Knows where numbers begin and end, and which signs belong to them."""

import re
from bisect import bisect_left

import regex

from gptstore.sdk.word_borders import is_word_border

_GROUPED = r"\d{1,3}(?:[ ,']\d{3})+(?!\d)"
_PLAIN = r"\d+(?:[.,':/·]\d+)*"
_POWER = r"[⁺⁻]?[⁰¹²³⁴-⁹]+"

NUMBER = regex.compile(
    rf"""
      \d{{4}}-\d\d-\d\d (?!\d)                                               # a date, ISO 8601
    | (?: (?<![\w.])\. )?+ (?<!\d) (?: {_GROUPED} (?:[.,]\d+)? | {_PLAIN} )
      (?: [¼-¾⅐-⅞] | [ ]\d{{1,2}}/\d{{1,2}}(?!\d) | \^[-+]?\d+ | e[-+]?\d+ | {_POWER} )?+
      (?: [ ]?[×·][ ]?10 (?: \^[-+]?\d+ | {_POWER} ) )?
    """,
    regex.VERBOSE,
)
"""Finds a number of a folded text: with its groups, decimals, fraction and power; a time, a date, a ratio."""

_DATE = regex.compile(r"\d{4}-\d\d-\d\d|\d{1,2}([./])\d{1,2}\1\d{4}|\d{4}/\d\d")
_YEAR = regex.compile(r"\d{4}")

_CODES = """
AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN NOK NZD PLN RUB SEK SGD THB TRY TWD USD VND ZAR
"""
CURRENCY = rf"(?:(?:\b[A-Z]{{1,3}})?\p{{Sc}}|\b(?:{'|'.join(_CODES.split())}|Rs\.?|kr)(?!\p{{L}}))"
SIGN = r"(?:(?<![\p{L}\p{M}\p{N})\]%])[-+−–‐﹣－＋]|[±∓≈<>≤≥~])"
_SPACE = "[ \u00a0\u2009\u202f]?"
_PERCENT = r"(?:(?<!\p{N}\s?)[%٪％])"  # as in Turkish and Arabic
_BEFORE = regex.compile(
    rf"{_PERCENT}?(?:{SIGN}|[±∓≈<>≤≥~]{_SPACE})?(?:{CURRENCY}{_SPACE})?(?:{SIGN}|[±∓≈<>≤≥~]{_SPACE})?\Z"
)
_AFTER = regex.compile(rf"{_SPACE}(?:[%‰‱٪؉％﹪]|°[CFK]?(?!\p{{L}})|[℃℉°′″]|{CURRENCY}(?!{_SPACE}\d))")
_NUMBER_FIRST = regex.compile(rf"(?:{SIGN}|{CURRENCY})*[.٫]?\d")
_AMOUNT = regex.compile(r"\d[,'’ \u00a0\u2009\u202f]\d{3}|\p{Sc}")
_SUFFIX = regex.compile(r"(?:\p{L}\p{M}*){1,3}(?![\p{L}\p{M}\p{N}])")
_GROUPS = regex.compile(r"(\d{1,3}(?:[,' ]\d{3})+|\d{4,})((?:[.,]\d+)?)")
_MINUS = regex.compile(r"(?<![\p{L}\p{M}\p{N})\]%])-\p{Sc}?\Z")
_SEPARATOR = regex.compile(r"(?<=\d)[,' ](?=\d{3}(?!\d))")
_BRACKETS = {"(": ")", "（": "）"}
_MAX_BEFORE = 12


class Numbers:
    """The numbers of a folded text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = [match.span() for match in NUMBER.finditer(text)]

    def are_cut(self, start: int, end: int) -> bool:
        """Return whether a span holds only a part of a number. The year of a date is whole in itself."""
        return bool(self._around(start) or self._around(end)) and not self.has_year(start, end)

    def has_year(self, start: int, end: int) -> bool:
        """Return whether a span is the year of a date."""
        number = self._around(start) or self._around(end)
        is_date = number and number[0] <= start and end <= number[1] and _DATE.fullmatch(self._text, *number)
        return bool(is_date and _YEAR.fullmatch(self._text, start, end))

    def _around(self, position: int) -> tuple[int, int] | None:
        """Return the number that would be cut at this position."""
        before = bisect_left(self._spans, (position, 0)) - 1
        return self._spans[before] if before >= 0 and position < self._spans[before][1] else None


def numbers_of(text: str) -> frozenset[str]:
    """Return the numbers of a folded text with a minus where they have one, and without signs between thousands."""
    found = (
        f"{'-' if _MINUS.search(text, max(0, match.start() - 2), match.start()) else ''}{match[0]}"
        for match in NUMBER.finditer(text)
    )
    return frozenset(_SEPARATOR.sub("", number) for number in found)


def end_of_number(text: str, end: int) -> int:
    """Return the end of a number of a folded text with the letters that belong to it, as in 5ml, 1990s or 12वीं."""
    if not text[end - 1].isdecimal() or is_word_border(text, end):
        return end
    suffix = _SUFFIX.match(text, end)
    return suffix.end() if suffix else end


def widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with what belongs to the numbers at its ends: sign, currency, per cent, degrees.

    Brackets around an amount belong to it too: in accounts they mean that it is negative.
    """
    if _NUMBER_FIRST.match(text, start) and (before := _BEFORE.search(text, max(0, start - _MAX_BEFORE), start)):
        start = before.start()
    if text[end - 1].isnumeric() and (after := _AFTER.match(text, end)):
        end = after.end()
    if start and _BRACKETS.get(text[start - 1]) == text[end : end + 1] and _AMOUNT.search(text, start, end):
        return start - 1, end + 1
    return start, end


def number_pattern(number: str) -> str:
    """Return a pattern that finds a number of a folded text however its thousands are separated: 1250, 1,250, 1'250."""
    grouped = _GROUPS.fullmatch(number)
    if not grouped:
        return re.escape(number)
    digits = re.sub(r"\D", "", grouped[1])
    groups = [digits[max(0, end - 3) : end] for end in range(len(digits), 0, -3)]
    return "[,' ]?".join(reversed(groups)) + re.escape(grouped[2])
