"""The store's processes, and a supervisor that starts another one for each that has ended."""

import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Lock, Thread

import httpx

from harness.process import Process

LOOK_SECONDS = 0.05
READY_SECONDS = 120.0


class Member:
    """One process of the fleet. `doomed`: it was harmed on purpose, so that its end is no surprise."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.process = Process(command, environment, log)
        self.name = f"{socket.gethostname()}:{self.process.popen.pid}"
        self.doomed = False
        self.said_ready = False

    @property
    def ended(self) -> bool:
        return self.process.popen.poll() is not None

    @property
    def is_ready(self) -> bool:
        """Return whether it is a worker that receives messages."""
        self.said_ready = self.said_ready or "worker_ready" in self.process.text
        return self.said_ready and not self.ended

    def kill(self) -> float:
        """Kill it; return the time just before, so that nothing that follows is earlier."""
        self.doomed, at = True, time.time()
        self.process.kill()
        return at

    def terminate(self) -> float:
        self.doomed, at = True, time.time()
        self.process.ask_to_end()
        return at

    def freeze(self) -> float:
        """Stop the process until `thaw`, as on a machine that swaps or was suspended; return the time before."""
        self.doomed, at = True, time.time()
        self.process.popen.send_signal(signal.SIGSTOP)
        return at

    def thaw(self) -> None:
        self.process.popen.send_signal(signal.SIGCONT)
        self.doomed = False


class Fleet:
    """The processes of a store, in `environment`; web and workers each reach Redis at an address of their own."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], url: str, web_redis: str, worker_redis: str
    ) -> None:
        self.folder = folder
        self.url = url
        self.web_environment = {**environment, "GPTSTORE_REDIS_URL": web_redis}
        self.worker_environment = {**environment, "GPTSTORE_REDIS_URL": worker_redis}
        self.workers: list[Member] = []
        self.surprises: list[str] = []
        self.started = 0
        self.lock = Lock()
        self.stopping = Event()
        self.supervisor = Thread(target=self.supervise, name="supervisor", daemon=True)

    def start(self, workers: int) -> None:
        self.web = self.new_web()
        self.workers = [self.new_worker() for _ in range(workers)]
        self.wait_for_web()
        for worker in self.workers:
            worker.process.wait_until(lambda worker=worker: worker.is_ready, READY_SECONDS)  # type: ignore[misc]
        self.supervisor.start()

    def new_web(self) -> Member:
        host, port = self.url.removeprefix("http://").split(":")
        command = [sys.executable, "-m", "uvicorn", "gptstore.asgi:application", "--lifespan", "off"]
        command += ["--http", "gptstore.server.protocol:BoundedProtocol"]
        command += ["--host", host, "--port", port, "--no-access-log", "--no-proxy-headers"]
        return Member(command, self.web_environment, self.folder / "web.log")

    def new_worker(self) -> Member:
        self.started += 1
        log = self.folder / f"worker-{self.started:03}.log"
        return Member([sys.executable, "-m", "worker"], self.worker_environment, log)

    def supervise(self) -> None:
        while not self.stopping.wait(LOOK_SECONDS):
            with self.lock:
                self.replace_ended()

    def replace_ended(self) -> None:
        for place, worker in enumerate(self.workers):
            if worker.ended:
                self.note_surprise(worker)
                self.workers[place] = self.new_worker()
        if self.web.ended:
            self.note_surprise(self.web)
            self.web = self.new_web()

    def note_surprise(self, member: Member) -> None:
        if not member.doomed:
            status, log = member.process.popen.returncode, member.process.log.name
            self.surprises.append(f"{log}: process {member.name} ended by itself with status {status}")

    def ready_workers(self) -> list[Member]:
        """Return the workers that no fault has hit yet."""
        with self.lock:
            return [worker for worker in self.workers if not worker.doomed and worker.is_ready]

    def wait_for_web(self) -> None:
        self.web.process.wait_until(self.web_answers, READY_SECONDS)

    def web_answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        self.stopping.set()
        if self.supervisor.ident is not None:
            self.supervisor.join()
        for member in [*self.workers, getattr(self, "web", None)]:
            if member is not None and not member.ended:
                member.kill()
