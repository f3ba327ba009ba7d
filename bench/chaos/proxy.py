"""A TCP proxy in front of Redis that can misbehave as a network does. Runs in a thread of its own."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

CHUNK_BYTES = 65536
ABORT = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST


class Link:
    """One connection. A deaf one takes all bytes, sends none and never ends by itself."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near = near
        self.far = far
        self.deaf = False

    def cut(self) -> None:
        for end in (self.near, self.far):
            with suppress(OSError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            end.transport.abort()


class Proxy:
    """`port` on the loopback leads to the unix socket `target`.

    All but `start` and `stop` may be called from any thread, and have taken effect when they return.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.port = 0
        self.latency = 0.0
        self.links: set[Link] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.open(), self.loop).result()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def open(self) -> None:
        self.flows = asyncio.Event()
        self.flows.set()
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, far_writer)
        self.links.add(link)
        try:
            with suppress(asyncio.CancelledError):  # by `close`; asyncio would tell of each on stderr
                await asyncio.gather(self.pump(link, reader, far_writer), self.pump(link, far_reader, writer))
        finally:
            self.links.discard(link)
            link.cut()

    async def pump(self, link: Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                await asyncio.sleep(self.latency)
                await self.flows.wait()
                if not link.deaf:
                    target.write(data)
                    await target.drain()
        if not link.deaf:
            target.close()

    def reset(self) -> int:
        """Break all open connections with RST. Returns their number."""
        return self.call(self.cut_all)

    def deafen(self) -> int:
        """Make open connections half-open: nothing goes through, and neither end is notified; new ones work."""
        return self.call(self.deafen_all)

    def hold(self) -> None:
        """Hold back all bytes of all connections, old and new, until `let_go`."""
        self.call(self.flows.clear)

    def let_go(self) -> None:
        """Drop the held bytes with their connections; new ones work."""
        self.call(self.cut_all)
        self.call(self.flows.set)

    def cut_all(self) -> int:
        for link in self.links:
            link.cut()
        return len(self.links)

    def deafen_all(self) -> int:
        for link in self.links:
            link.deaf = True
        return len(self.links)

    def call(self, action: Callable[[], object]) -> int:
        async def act() -> object:
            return action()

        done = asyncio.run_coroutine_threadsafe(act(), self.loop).result()
        return done if isinstance(done, int) else 0
