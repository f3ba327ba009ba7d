"""Reads Server-Sent Events as a browser does (WHATWG HTML, section 9.2.6)."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from gptstore.jobs.wire.sse import write_events


@dataclass(frozen=True)
class Heard:
    """One event as a reader gets it; a comment has the name ":"."""

    name: str
    data: Any = None
    id: str = ""


async def listen(job_id: Any, last_event_id: str | None = None) -> AsyncGenerator[Heard]:
    async with aclosing(write_events(job_id, last_event_id, "http://store")) as blocks:
        async for block in blocks:
            assert block.endswith("\n\n")
            heard = parse(block)
            if heard is not None:
                yield heard


async def hear_all(job_id: Any, last_event_id: str | None = None) -> list[Heard]:
    """Everything until the stream ends, without comments."""
    return [heard async for heard in listen(job_id, last_event_id) if heard.name != ":"]


def parse(block: str) -> Heard | None:
    if block.startswith(":"):
        return Heard(":")
    fields = dict(line.split(": ", 1) for line in block.strip("\n").split("\n"))
    if "event" not in fields:
        assert set(fields) == {"retry"}
        return None
    return Heard(fields["event"], json.loads(fields["data"]), fields.get("id", ""))


def names(heard: list[Heard]) -> list[str]:
    return [event.name for event in heard]


def joined(heard: list[Heard]) -> str:
    """The text that a reader has at the end."""
    text = ""
    for event in heard:
        if event.name == "reset":
            text = ""
        elif event.name == "output":
            text += event.data["text"]
    return text
