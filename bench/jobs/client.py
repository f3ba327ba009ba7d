"""A REST client that submits jobs with as little HTTP as possible, so that it costs next to nothing."""

import asyncio
import json
import time
from uuid import UUID

from bench.common.errors import NotMeasured
from bench.jobs.noop import SLUG


class Client:
    """One connection that stays open, one request at a time."""

    def __init__(self, host: str, port: int, key: str) -> None:
        self.place = host, port
        body = json.dumps({"input": {"text": "Nothing is to be done."}}).encode()
        head = f"POST /api/v1/tools/{SLUG}/jobs HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.request = head.encode() + body
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def connect(self) -> None:
        """Connect if needed: the store closes a connection that is idle for some seconds."""
        if self.reader is None or self.reader.at_eof():
            self.close()
            self.reader, self.writer = await asyncio.open_connection(*self.place)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()

    async def submit(self) -> tuple[UUID, float, float]:
        """Submit a job. Return it, with the times of the request and of its answer, in seconds since 1970."""
        await self.connect()
        assert self.reader and self.writer
        sent_at = time.time()
        self.writer.write(self.request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, length = read_head(head)
        body = await self.reader.readexactly(length)
        answered_at = time.time()
        if status != 202:
            raise NotMeasured(f"The store answered {status}: {body.decode(errors='replace')[:500]}")
        return UUID(json.loads(body)["id"]), sent_at, answered_at


def read_head(head: bytes) -> tuple[int, int]:
    """Return the status, and the length of the body."""
    first, *fields = head.decode("latin-1").lower().split("\r\n")
    lengths = [field.partition(":")[2] for field in fields if field.startswith("content-length:")]
    if not lengths:
        raise NotMeasured("The store sent an answer without a length.")
    return int(first.split()[1]), int(lengths[0])
