"""The header `Prefer: wait=N` of RFC 7240: answer late, but with the result."""

import re

MAX_WAIT = 60
WAIT = re.compile(r'\s*wait\s*(?:=\s*(?:"(\d+)"|(\d+))\s*)?(?:;.*)?', re.IGNORECASE | re.ASCII)


def wait_seconds(header: str) -> int:
    """Seconds to wait, 1 to MAX_WAIT, or 0. A bare `wait` is the longest; what makes no sense is ignored."""
    for preference in header.split(","):
        if found := WAIT.fullmatch(preference):
            digits = found[1] or found[2]
            return min(int(digits.lstrip("0")[:9] or 0), MAX_WAIT) if digits else MAX_WAIT
    return 0
