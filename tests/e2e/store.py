"""A whole store of its own for the browser tests: Redis, the site, a worker with the bundled model, and people."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from harness.process import ROOT, Process
from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until
from tests.e2e.person import Person

PEOPLE = 100


class Store:
    """Its Redis is not the test run's: other tests empty that one, and would get their jobs from this worker."""

    def __init__(self, folder: Path) -> None:
        self.redis = RedisServer(f"unix://{folder}/redis.sock?db=0")
        self.site = Site(folder, self.redis.url)
        self.url = self.site.url
        self.people: list[Person] = []

    def start(self) -> None:
        self.redis.start()
        self.site.prepare()
        self.people = [Person(**values) for values in self.run_module("tests.e2e.make_people", str(PEOPLE))]
        self.admin = self.people.pop(0)
        self.web = self.site.start_web()
        self.worker = self.site.start_worker()

    def run_module(self, name: str, *arguments: str) -> Any:
        """What a module of the tests, run with the site's settings, printed as JSON."""
        environment = {**os.environ, **self.site.environment}
        command = [sys.executable, "-m", name, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=180)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def next_person(self) -> Person:
        """Somebody whom no other test knows, without any run."""
        return self.people.pop()

    def job(self, person: Person, run_url: str) -> dict[str, Any]:
        """The job whose page is at `run_url`, as the API gives it."""
        answer = self.api(person, "GET", f"jobs/{job_id(run_url)}")
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()
        return job

    def pieces_of_output(self, run_url: str) -> list[str]:
        """The text of each output event of a run that ended lately."""
        entries = self.redis.client.xrange(f"gptstore:job:{job_id(run_url)}:events")
        return [json.loads(fields["data"])["text"] for _, fields in entries if fields["event"] == "output"]

    def run(self, person: Person, slug: str, data: dict[str, Any], wait_s: int = 0) -> str:
        """Launches a tool over the API, waits for its end at most `wait_s` seconds, and gives the run's page."""
        headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
        answer = self.api(person, "POST", f"tools/{slug}/jobs", json={"input": data}, headers=headers)
        assert answer.status_code in (201, 202), answer.text
        return f"{self.url}/runs/{answer.json()['id']}/"

    def wait_for_end(self, person: Person, run_url: str, seconds: float = 180) -> None:
        wait_until(lambda: self.job(person, run_url)["completed_at"], f"the end of {run_url}", seconds, every=0.05)

    def api(self, person: Person, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**options.pop("headers", {}), "Authorization": f"Bearer {person.key}"}
        return httpx.request(method, f"{self.url}/api/v1/{path}", headers=headers, timeout=90, **options)

    @contextmanager
    def worker_halted(self) -> Iterator[None]:
        """The worker stands still, in the middle of whatever it does but a write to SQLite, and goes on afterwards."""
        pid = self.worker.popen.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            while not self.can_write():
                os.kill(pid, signal.SIGCONT)
                self.can_write()
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def can_write(self) -> bool:
        """Whether no process holds SQLite's one lock for writers, which would stop the site as well."""
        file = self.site.database.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            database.execute("ROLLBACK")
            return True

    def lose_web(self) -> None:
        self.web.kill()

    def start_web(self) -> Process:
        self.web = self.site.start_web()
        return self.web

    def stop(self) -> None:
        self.site.stop()
        self.redis.stop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def job_id(run_url: str) -> str:
    return run_url.rstrip("/").rsplit("/", 1)[1]
