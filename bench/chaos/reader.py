"""Follows a job's events as docs/api.md says a client does, through lost connections."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx


class Reader:
    """`text` is what it has put together so far."""

    def __init__(self, job: str) -> None:
        self.address = f"/api/v1/jobs/{job}/events"
        self.text = ""
        self.last_id = ""
        self.ended = False
        self.trail: list[str] = []

    async def read_on(self, client: httpx.AsyncClient, headers: dict[str, str]) -> int:
        """One connection's worth of events. Returns its status; raises httpx.HTTPError when it breaks."""
        headers = {**headers, "Last-Event-ID": self.last_id} if self.last_id else headers
        async with client.stream("GET", self.address, headers=headers) as answer:
            if answer.status_code == 200:
                async for name, data in self.events(answer):
                    self.hear(name, data)
            return answer.status_code

    async def events(self, answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Whole events only: what was cut off in the middle comes again."""
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
