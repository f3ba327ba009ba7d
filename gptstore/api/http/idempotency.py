"""The header `Idempotency-Key`: a request that is sent again with its key makes no second job."""

import re
from hashlib import sha256

KEY = re.compile(r"[ -~]{1,255}")
ADVICE = "Send 1 to 255 printable ASCII characters, such as a new UUID."


def keys_of(key: str, count: int) -> list[str]:
    """Return the keys of the jobs that one request makes: its own, and others that belong to it and to their number."""
    others = [f"{key}\n{number} of {count}" for number in range(2, count + 1)]
    return [key, *(sha256(other.encode()).hexdigest() for other in others)]


def is_key(header: str) -> bool:
    """Return whether the header's value can be a key."""
    return KEY.fullmatch(header) is not None
