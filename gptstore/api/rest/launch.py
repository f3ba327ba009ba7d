"""Makes the job that a request asks for, and understands the headers that say how."""

import re
from datetime import timedelta
from typing import Annotated

from ninja import Header
from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from gptstore.accounts.models import User
from gptstore.api.rest.schemas import JobIn
from gptstore.api.rest.tools import find_tool
from gptstore.jobs.lifecycle.idempotency import submit_once
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job

KEY = re.compile(r"[ -~]{1,255}")
DURATION = re.compile(r"([0-9]{1,6})([smh]?)")
UNIT_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
MAX_SECONDS = 7 * 24 * 3600


def launch(owner: User, slug: str, body: JobIn, key: str | None, cancel_after: timedelta | None) -> tuple[Job, bool]:
    """The job, and whether an earlier request with this key has made it."""
    tool, batch = find_tool(slug), body.priority == "batch"
    if key is None:
        return submit(owner, tool, body.input, cancel_after, batch=batch), False
    return submit_once(owner, tool, body.input, key, cancel_after, batch=batch)


def read_key(header: str | None) -> str | None:
    if header is not None and not KEY.fullmatch(header):
        raise PydanticCustomError("idempotency_key", "Send 1 to 255 printable ASCII characters, such as a new UUID.")
    return header


def read_duration(header: str) -> timedelta:
    found = DURATION.fullmatch(header)
    seconds = int(found[1]) * UNIT_SECONDS[found[2]] if found else 0
    if not 1 <= seconds <= MAX_SECONDS:
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
