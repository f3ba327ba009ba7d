"""The header `Idempotency-Key`: a request that is sent again with its key makes no second job."""

import re

KEY = re.compile(r"[ -~]{1,255}")
ADVICE = "Send 1 to 255 printable ASCII characters, such as a new UUID."


def is_key(header: str) -> bool:
    """Return whether the header's value can be a key."""
    return KEY.fullmatch(header) is not None
