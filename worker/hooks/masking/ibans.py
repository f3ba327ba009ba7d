"""Finds IBANs (ISO 13616): of their country's length, with the right check digits, in one piece or in groups."""

import re

from worker.hooks.masking.boundaries import AFTER, DASHES, END, SPACES

_LENGTHS = """
AD24 AE23 AL28 AO25 AT20 AZ28 BA20 BE16 BF28 BG22 BH22 BI27 BJ28 BR29 BY28 CF27 CG27 CH21 CI28 CM27 CR22 CV25 CY28 CZ24
DE22 DJ27 DK18 DO28 DZ26 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GA27 GB22 GE22 GI23 GL18 GQ27 GR27 GT28 GW25 HN28 HR21 HU28
IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KM27 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MA28 MC27 MD24 ME22 MG27 MK19 ML28
MN20 MR27 MT31 MU30 MZ25 NE28 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24
SM27 SN28 SO23 ST25 SV28 TD27 TG28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
"""The number of characters by country: SWIFT's registry, release 101, and African countries that are not in it yet."""

MIN_LENGTH, MAX_LENGTH = min(LENGTHS.values()), 34
JOINT = f"[.{DASHES}{SPACES}]"
COUNTRY = rf"(?<![A-Za-z0-9_@])(?<!\d[.-])(?:[A-Z]{{2}}{JOINT}?|[A-Za-z]{{2}})"
WRITTEN = re.compile(rf"{COUNTRY}\d\d(?:{JOINT}?[A-Za-z0-9]){{{MIN_LENGTH - 4},{MAX_LENGTH - 4}}}", re.ASCII)
SHAPE = re.compile(rf"{COUNTRY}\d\d(?:{JOINT}?[A-Z0-9]){{{MIN_LENGTH - 4},{MAX_LENGTH - 4}}}{END}", re.ASCII)
OPEN_END = rf"{COUNTRY}(?:\d(?:\d(?:{JOINT}?[A-Za-z0-9]){{0,{MAX_LENGTH - 4}}}{JOINT}?)?)?\Z"
"""A tail that more text may continue as an IBAN."""


def find_iban(text: str, start: int) -> tuple[int, int] | None:
    """Return where the first one from `start` on begins and ends; None when there is none."""
    while (found := WRITTEN.search(text, start)) is not None:
        end = find_end(text, found)
        if end is not None and has_check_digits(text[found.start() : end]):
            return found.start(), end
        start = found.start() + 2
    return None


def find_iban_shape(text: str, start: int) -> tuple[int, int] | None:
    """Return where the first text begins and ends that is written as an IBAN, whatever its check digits and length.

    It may be a mistyped one or another account's number: no part of it is a phone number or a card.
    """
    while (found := SHAPE.search(text, start)) is not None:
        if found[0][:2].upper() in LENGTHS and is_mostly_digits(found[0]):
            return found.start(), find_end(text, found) or found.end()
        start = found.start() + 2
    return None


def find_end(text: str, found: re.Match[str]) -> int | None:
    """Return where as many characters end as the country's IBANs have; None when no border is there."""
    missing = LENGTHS.get(found[0][:2].upper(), MAX_LENGTH + 1)
    for place in range(found.start(), found.end()):
        missing -= text[place].isalnum()
        if not missing:
            return place + 1 if AFTER.match(text, place + 1) else None
    return None


def has_check_digits(written: str) -> bool:
    """Return whether the check digits are right: the remainder by 97 is 1 (ISO 7064, MOD 97-10)."""
    iban = "".join(re.findall(r"[A-Z0-9]", written.upper()))
    number = int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4]))
    return number % 97 == 1 and is_mostly_digits(written)


def is_mostly_digits(written: str) -> bool:
    """Return whether digits are half of the characters, as in every bank's IBANs, and not in words after a code."""
    return 2 * sum(map(str.isdigit, written)) >= sum(map(str.isalnum, written))
