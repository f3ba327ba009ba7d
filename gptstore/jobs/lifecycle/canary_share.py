"""The share of new runs that a canary gets: a release that is tried beside the live one."""

from hashlib import sha256
from uuid import UUID

from gptstore.catalog.deployed import as_released
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import CheckedInput, check_input
from gptstore.catalog.models import Tool


def choose_release(tool: Tool, checked: CheckedInput, job_id: UUID) -> tuple[Tool, CheckedInput]:
    """Return the tool and the input of the canary for its share of jobs, else those of the live release.

    An input that the canary doesn't take is the live one's in any case.
    """
    canary = tool.canary
    if not canary or not is_chosen(job_id, canary["key"], canary["share"]):
        return tool, checked
    other = as_released(tool, canary["tool"], canary["version"], canary["key"])
    try:
        return other, check_input(other.input_schema, checked)
    except InvalidInput:
        return tool, checked


def is_chosen(job_id: UUID, key: str, share: int) -> bool:
    """Return whether a job is among this share, in percent. It depends on the job and the release alone."""
    digest = sha256(f"{job_id} {key}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < share
