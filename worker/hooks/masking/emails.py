"""Finds e-mail addresses, as RFC 5321 bounds them and people write them: `ada.lovelace+news@mail.example.org`."""

import re

MAX_LOCAL = 64
MAX_DOMAIN = 254
LATIN = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"

LOCAL = re.compile(rf"[{LATIN}_](?:\.?[{LATIN}_%+'-])*\Z")
DOMAIN = re.compile(
    rf"(?:[{LATIN}](?:[{LATIN}-]{{0,62}})\.)+(?:xn--[A-Za-z0-9-]{{0,58}}[A-Za-z]|[A-Za-z]{{2,24}})(?![{LATIN}])"
)


def find_email(text: str, start: int) -> tuple[int, int] | None:
    """Return where the first one from `start` on begins and ends; None when there is none."""
    at = text.find("@", start)
    while at >= 0:
        begin = find_begin(text, start, at)
        domain = DOMAIN.match(text, at + 1, at + 1 + MAX_DOMAIN)
        if begin is not None and domain is not None and not is_address_of_code(text, begin, domain.end()):
            return begin, domain.end()
        at = text.find("@", at + 1)
    return None


def find_begin(text: str, start: int, at: int) -> int | None:
    """Return where the part before the @ begins; None when there is none, or it is longer than one may be."""
    first = max(0, at - MAX_LOCAL - 1)
    local = LOCAL.search(text[first:at])
    if local is None or len(local[0]) > MAX_LOCAL:
        return None
    begin = max(first + local.start(), start)
    return begin if begin < at else None


def is_address_of_code(text: str, begin: int, end: int) -> bool:
    """Return whether it is the address of a repository, as in `git clone git@github.com:ada/engine.git`."""
    return text.startswith("git@", begin) and text.startswith(":", end)
