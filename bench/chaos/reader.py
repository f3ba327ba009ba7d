"""Follows a job's events through lost connections, as docs/api.md tells clients to."""

import json
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx

LEAVES_AFTER_EVENTS = (1, 12)
LEAVES_TIMES = 3


class Reader:
    """A reader of one job; `text` is the output so far. A restless one disconnects a few times in the middle."""

    def __init__(self, job: str, restless: random.Random | None = None) -> None:
        self.address = f"/api/v1/jobs/{job}/events"
        self.leaves_after = [restless.randint(*LEAVES_AFTER_EVENTS) for _ in range(LEAVES_TIMES)] if restless else []
        self.text = ""
        self.last_id = ""
        self.ended = False
        self.trail: list[str] = []

    async def read_on(self, client: httpx.AsyncClient, headers: dict[str, str]) -> int:
        """Read one connection's worth of events. Returns its status; raises httpx.HTTPError when it breaks."""
        headers = {**headers, "Last-Event-ID": self.last_id} if self.last_id else headers
        async with client.stream("GET", self.address, headers=headers) as answer:
            if answer.status_code == 200:
                most = self.leaves_after.pop() if self.leaves_after else None
                async with aclosing(self.events(answer)) as events:
                    async for name, data in events:
                        self.hear(name, data)
                        most = None if most is None else most - 1
                        if most == 0:
                            break
            return answer.status_code

    async def events(self, answer: httpx.Response) -> AsyncGenerator[tuple[str, dict[str, Any]]]:
        """Yield whole events only: one that was cut off in the middle comes again."""
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif not line and "event" in fields:
                self.last_id = fields.get("id", self.last_id)
                yield fields["event"], json.loads(fields["data"])
                fields = {}

    def hear(self, name: str, data: dict[str, Any]) -> None:
        self.trail.append(f"{name}@{self.last_id}")
        if name == "reset":
            self.text = ""
        elif name == "output":
            self.text += data["text"]
        elif name == "finished":
            self.ended = True
