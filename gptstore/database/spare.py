"""Keeps connections that are closed for the next one who opens one, because opening takes longer than a job's queries.

Django closes a connection at the end of each request and task: under ASGI every request has a thread of its own, so
that no thread can keep one. psycopg's own pool is not used: it lets requests wait while the database is away, and
looks for it after ever longer pauses. Here whoever finds no spare connection opens one, and is refused at once.
"""

import time
from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS

LONGEST_IDLE_SECONDS = 60.0
MOST_SPARE = 16


@dataclass(frozen=True)
class Spare:
    connection: Any
    mark: object
    since: float = field(default_factory=time.monotonic)

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.since > LONGEST_IDLE_SECONDS


class Spares:
    """Those of one process and one database. The one that was used last is used next, so that the others grow old."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: deque[Spare] = deque()

    def take(self) -> Spare | None:
        with self.lock:
            return self.kept.pop() if self.kept else None

    def put(self, spare: Spare) -> None:
        with self.lock:
            self.kept.append(spare)
            surplus = [self.kept.popleft() for _ in range(len(self.kept) - MOST_SPARE)]
            while self.kept and self.kept[0].is_old:
                surplus.append(self.kept.popleft())
        for one in surplus:
            one.connection.close()

    def close(self) -> None:
        while spare := self.take():
            spare.connection.close()


class Sparing:
    """In front of one of Django's backends. `mark`: what must not have changed when a connection is used again."""

    spares: dict[tuple[object, ...], Spares] = {}

    def mark(self) -> object:
        return None

    def is_clean(self, connection: Any) -> bool:
        """Whether no transaction is open on it."""
        raise NotImplementedError

    def is_alive(self, connection: Any) -> bool:
        """Whether the database has not gone away since."""
        return True

    @property
    def own_spares(self) -> Spares:
        settings: dict[str, Any] = self.settings_dict  # type: ignore[attr-defined]
        place = tuple(settings.get(name) for name in ("ENGINE", "NAME", "HOST", "PORT", "USER"))
        return self.spares.setdefault(place, Spares())

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        mark = self.mark()
        while spare := self.own_spares.take():
            if spare.mark == mark and not spare.is_old and self.is_alive(spare.connection):
                return spare.connection
            spare.connection.close()
        return super().get_new_connection(conn_params)  # type: ignore[misc]

    def _close(self) -> None:
        if self.can_be_spared():
            self.own_spares.put(Spare(self.connection, self.mark()))  # type: ignore[has-type]
            self.connection = None
        else:
            super()._close()  # type: ignore[misc]

    def can_be_spared(self) -> bool:
        """Not after an error that may have broken it, nor from within a transaction, which its end then rolls back."""
        wrapper: Any = self
        if wrapper.alias == NO_DB_ALIAS or wrapper.errors_occurred or wrapper.in_atomic_block:
            return False
        return wrapper.connection is not None and self.is_clean(wrapper.connection)

    def close_spares(self) -> None:
        self.own_spares.close()
