"""The store as the demo runs it: Redis, web server and worker, started in this order and stopped in reverse."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from gptstore.demo import redis
from gptstore.demo.command import reach
from gptstore.demo.config import EVERYWHERE, Options, address, environment, free_port
from gptstore.demo.console import Step, box, say
from gptstore.demo.credentials import Summary
from gptstore.demo.errors import Stopped
from gptstore.demo.prepare import prepare_site
from gptstore.demo.processes import Process, Restarts, stop_all
from gptstore.demo.signals import uninterrupted
from gptstore.demo.watchdog import Watchdog

POLL_SECONDS = 0.2
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy can't reach this machine's loopback


class Store:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._paths = options.paths
        self._summary = Summary.read(options.paths)
        self._processes: dict[str, Process] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        if self._summary.username:
            self._summary.stopped().write(self._paths)
        self._socket = self._cleanup.enter_context(redis.socket_path(self._paths))
        self._environment = environment(self._options, self._socket)
        with uninterrupted():
            self._watchdog = Watchdog()
            self._cleanup.callback(self._watchdog.close)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is Stopped:
            say("Stopping …")
        with self._cleanup:
            stop_all([process for name, process in self._processes.items() if name != "redis"])
            stop_all([process for name, process in self._processes.items() if name == "redis"])
            if self._summary.pids:
                self._summary.stopped().write(self._paths)

    def start_redis(self) -> None:
        with Step("Redis"):
            redis.end_leftover(self._socket)
            self._start("redis", redis.server_command(self._paths, self._socket))
            self._wait(lambda: redis.answers(self._socket))

    def prepare(self) -> None:
        self._summary = prepare_site(self._summary, self._environment, self._paths.log("prepare"))

    def start_web(self) -> None:
        wanted = self._options.port
        port = free_port(self._options.host, wanted)
        if wanted not in (port, 0):
            say(f"Port {wanted} is taken: using {port}.")
        self._url = address(self._options.host, port)
        command = [sys.executable, "-m", "uvicorn", "gptstore.asgi:application", "--lifespan=off"]
        command += ["--http=gptstore.server.protocol:BoundedProtocol"]
        command += [f"--host={self._options.host}", f"--port={port}", "--no-proxy-headers"]
        command += ["--timeout-graceful-shutdown=3"]
        self._start("web", command)

    def start_worker(self) -> None:
        self._start("worker", [sys.executable, "-m", "worker"])

    def wait_until_ready(self) -> None:
        with Step("Web server"):
            self._wait(lambda: ask_readiness(self._url).answers)
        with Step("Worker and its model") as step:
            step.note = self._options.model
            self._wait(lambda: ask_readiness(self._url).workers > 0)
        self._write_summary()

    def announce(self) -> None:
        lines = [f"Open      {self._url}", f"Sign in   {self._summary.username}   {self._summary.password}"]
        lines += ["", f"API key   in {os.path.relpath(self._paths.summary)}"]
        lines += [f"Logs      in {os.path.relpath(self._paths.log('web').parent)}", "", "Ctrl-C stops everything."]
        box(lines)
        if self._options.host in EVERYWHERE:
            say("Other machines can reach it too, over plain HTTP: sign-ins are not protected on the way.")

    def keep_running(self) -> None:
        """Keep every process alive, without end. Raises Stopped, or DiedEarly when one can't be kept alive."""
        restarts = Restarts()
        while True:
            for process in self._processes.values():
                if process.has_ended:
                    if not restarts.allow(process.name):
                        process.check()
                    say(f"{process.describe_end()} Starting it again.")
                    self._restart(process)
            time.sleep(POLL_SECONDS)

    def _start(self, name: str, command: list[str]) -> None:
        with uninterrupted():
            log = self._paths.log(name)
            self._processes[name] = Process(name, command, self._environment, log, self._watchdog)

    def _restart(self, process: Process) -> None:
        with uninterrupted():
            process.end_group()
            process.start()
        self._write_summary()

    def _wait(self, is_ready: Callable[[], bool]) -> None:
        while not is_ready():
            for process in self._processes.values():
                process.check()
            time.sleep(POLL_SECONDS)

    def _write_summary(self) -> None:
        pids = {"supervisor": os.getpid(), **{name: process.pid for name, process in self._processes.items()}}
        self._summary = replace(self._summary, url=self._url, pids=pids, **reach(self._paths))
        self._summary.write(self._paths)


@dataclass(frozen=True)
class Readiness:
    """The answer of `/readyz`: whether the site answers, and how many workers live."""

    answers: bool = False
    workers: int = 0


def ask_readiness(url: str) -> Readiness:
    try:
        with DIRECT.open(f"{url}/readyz", timeout=5) as response:
            body = json.load(response)
    except (OSError, ValueError, urllib.error.URLError):
        return Readiness()
    return Readiness(answers=True, workers=int(body["workers"]))
