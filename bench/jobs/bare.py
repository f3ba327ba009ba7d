"""The baseline: as many bare Celery tasks that do nothing, on the same Redis, by a worker with the store's settings."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.common.errors import NotMeasured
from bench.common.samples import percentile
from bench.jobs.bare_app import STARTED, TASK, bare_app
from bench.jobs.stage import Stage, seconds_of
from harness.process import Process

SILENCE_SECONDS = 30.0


@dataclass(frozen=True)
class BareFlight:
    """One round. `running` is milliseconds from before a task is sent until its code runs."""

    per_s: float
    running_p50: float
    running_p95: float
    cpu_ms: dict[str, float]


class BareWorker:
    """A bare Celery worker, which reports over a socket when each task ran: Redis carries nothing but the messages."""

    def __init__(self, process: Process, ears: socket.socket, redis_url: str) -> None:
        self.process = process
        self.ears = ears
        self.app = bare_app(redis_url)

    def fly(self, tasks: int, in_flight: int) -> BareFlight:
        sent: list[float] = []
        started: dict[int, float] = {}
        worker = psutil.Process(self.process.popen.pid)
        own, before = time.process_time(), seconds_of(worker)
        while len(started) < tasks:
            while len(sent) < min(tasks, len(started) + in_flight):
                sent.append(time.time())
                self.app.send_task(TASK, args=[len(sent) - 1], ignore_result=True)
            number, at = self.hear()
            started[number] = at
        cpu_ms = {"client": time.process_time() - own, "worker": seconds_of(worker) - before}
        waits = [1000 * (started[number] - at) for number, at in enumerate(sent)]
        rate = tasks / (max(started.values()) - sent[0])
        by_task = {name: 1000 * seconds / tasks for name, seconds in cpu_ms.items()}
        return BareFlight(rate, percentile(waits, 50), percentile(waits, 95), by_task)

    def hear(self) -> tuple[int, float]:
        try:
            number, at = STARTED.unpack(self.ears.recv(STARTED.size))
        except TimeoutError:
            raise NotMeasured(f"No bare task ran for {SILENCE_SECONDS:.0f} s.") from None
        return number, at


@contextmanager
def bare_worker(stage: Stage) -> Iterator[BareWorker]:
    path = stage.folder / "bare.sock"
    log = stage.folder / "bare.log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(str(path))
        ears.settimeout(SILENCE_SECONDS)
        command = [sys.executable, "-m", "bench.jobs.bare_app", stage.redis.url, str(path)]
        process = Process(command, stage.site.environment, log)
        try:
            process.wait_until(lambda: " ready." in log.read_text(), 60)
            yield BareWorker(process, ears, stage.redis.url)
        finally:
            process.stop()
            Path(path).unlink()
