"""Shared HTTP parts of operations: the headers that they take, the caller's address, the errors that they document."""

import re
from datetime import timedelta
from typing import Annotated

from ninja import Header
from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from gptstore.api.http import idempotency
from gptstore.api.rest.schemas import ProblemOut

ALWAYS_POSSIBLE = (408, 413, 500, 503)
MAX_WAIT_SECONDS = 60
MAX_CANCEL_AFTER_SECONDS = 7 * 24 * 3600
WAIT = re.compile(r'\s*wait\s*(?:=\s*(?:"(\d+)"|(\d+))\s*)?(?:;.*)?', re.IGNORECASE | re.ASCII)
DURATION = re.compile(r"([0-9]{1,6})([smh]?)")
UNIT_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def problems(*statuses: int) -> dict[int, type[ProblemOut]]:
    """Return ninja's `response=` entries for these errors and for those that can always happen."""
    return dict.fromkeys(sorted({*statuses, *ALWAYS_POSSIBLE}), ProblemOut)


def headers(*names: str) -> dict[str, object]:
    """Return the part of an operation's `openapi_extra` that describes a response's headers."""
    return {"headers": {name: {"schema": {"type": "string"}} for name in names}}


def wait_seconds(header: str) -> int:
    """Return the seconds of `Prefer: wait=N` (RFC 7240: answer late, but with the result), at most MAX_WAIT_SECONDS.

    A bare `wait` is the longest; a value that makes no sense is ignored and gives 0.
    """
    for preference in header.split(","):
        if found := WAIT.fullmatch(preference):
            digits = found[1] or found[2]
            return min(int(digits.lstrip("0")[:9] or 0), MAX_WAIT_SECONDS) if digits else MAX_WAIT_SECONDS
    return 0


def read_key(header: str | None) -> str | None:
    if header is not None and not idempotency.is_key(header):
        raise PydanticCustomError("idempotency_key", idempotency.ADVICE)
    return header


def read_duration(header: str) -> timedelta:
    found = DURATION.fullmatch(header)
    seconds = int(found[1]) * UNIT_SECONDS[found[2]] if found else 0
    if not 1 <= seconds <= MAX_CANCEL_AFTER_SECONDS:
        raise PydanticCustomError(
            "cancel_after", "Send a time from 1s to a week (604800s, 168h): a whole number with s, m or h, such as 5m."
        )
    return timedelta(seconds=seconds)


IdempotencyKey = Annotated[
    str | None,
    AfterValidator(read_key),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}),
    Header(None, alias="Idempotency-Key", description="A request that is sent again with its key makes no second job."),
]
CancelAfter = Annotated[
    timedelta | None,
    BeforeValidator(read_duration),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,6}[smh]?$", "examples": ["30s", "5m", "1h"]}),
    Header(
        None, alias="Cancel-After", description="Cancel the job when it has not ended by then: 1s to 604800s (a week)."
    ),
]
