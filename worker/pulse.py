"""A worker's heartbeat: says that it lives, hears of cancellations, and takes care of jobs that nobody runs."""

import time
from threading import Event, Thread
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, close_old_connections
from redis import RedisError

from gptstore.jobs import doorbell, states, workers
from gptstore.jobs.events import CANCEL_CHANNEL, publish_finished
from gptstore.jobs.redis import sync_client
from worker.node import Node

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
BEAT_SECONDS = 5.0


class Pulse(Thread):
    """One thread a worker. Redis makes it quick, the database makes it sure."""

    def __init__(self, node: Node, slots: int) -> None:
        super().__init__(name="pulse", daemon=True)
        self.node = node
        self.slots = slots
        self.ended = Event()
        self.beat_at = 0.0

    def run(self) -> None:
        messages: Any = None
        while not self.ended.is_set():
            try:
                messages = messages or subscribe()
                self.hear(messages)
            except RedisError:
                messages = None
                self.ended.wait(LOOK_SECONDS)
            try:
                self.look()
                if time.monotonic() >= self.beat_at:
                    self.beat()
                    self.beat_at = time.monotonic() + BEAT_SECONDS
            except DatabaseError as error:
                log.warning("database_away", error=str(error).strip())
            finally:
                close_old_connections()

    def end(self) -> None:
        self.ended.set()
        self.join(timeout=5)
        try:
            workers.leave(self.node.name)
        except DatabaseError as error:
            log.warning("database_away", error=str(error).strip())

    def hear(self, messages: Any) -> None:
        message = messages.get_message(timeout=LOOK_SECONDS)
        if message is not None and message["type"] == "message":
            run = self.node.running().get(UUID(message["data"]))
            if run is not None:
                run.stop()

    def look(self) -> None:
        """Stop the runs whose job was canceled, or is no longer theirs."""
        runs = self.node.running()
        if not runs:
            return
        mine = states.owned_runs(runs)
        for job_id, run in runs.items():
            if (job_id, run.job.attempt) not in mine:
                run.stop(lost=True)
            elif mine[job_id, run.job.attempt]:
                run.stop()

    def beat(self) -> None:
        workers.beat(self.node.info)
        for job_id in states.take_back_lost():
            publish_finished(job_id)
        states.take_back_orphans(self.node.name, list(self.node.running()))
        free = self.slots - len(self.node.running())
        for _ in range(min(free, states.count_waiting())):
            doorbell.ring()


def subscribe() -> Any:
    messages = sync_client().pubsub(ignore_subscribe_messages=True)
    messages.subscribe(CANCEL_CHANNEL)
    return messages
