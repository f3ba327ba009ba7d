"""Bounds the head of a request, in bytes and in time: uvicorn itself waits for the end of one for ever.

    uvicorn gptstore.asgi:application --http gptstore.server.protocol:BoundedProtocol

The head is the request line and the headers. `gptstore.server.body_limit` bounds what follows.
"""

import asyncio

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
"""The limit on a head, as uvicorn's other parser (h11) has it; what came in one read with its end is not counted."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. It is closed when a head grows too large, or has begun and does not end in time."""

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _head_has_ended = False
    _message_began = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._message_began = False
        super().data_received(data)
        if self._awaits_head and not self.transport.is_closing():
            self._start_timer()
            self._head_bytes += 0 if self._message_began else len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._message_began, self._head_has_ended, self._head_bytes = True, False, 1

    def on_headers_complete(self) -> None:
        self._head_has_ended = True
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._head_has_ended, self._head_bytes = False, 0

    @property
    def _awaits_head(self) -> bool:
        """Return whether a head is all that the connection waits for: no request before it is being answered."""
        return not self._head_has_ended and (self.cycle is None or self.cycle.response_complete)

    def _start_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(settings.ENV.request_seconds, self._time_out)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _time_out(self) -> None:
        """Close the connection; without a word where no request has begun, as when a browser connects ahead of one."""
        self._head_timer = None
        if self._head_bytes:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
