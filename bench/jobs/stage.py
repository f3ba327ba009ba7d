"""A store of its own to measure: Redis, a database that syncs to disk, one web process and one worker."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.common.errors import NotMeasured
from bench.jobs import noop
from bench.jobs.database import JobsDatabase, PostgresqlJobs, SqliteJobs
from harness.postgres import find_programs, postgres_server
from harness.process import Process
from harness.redis import RedisServer, redis_server
from harness.site import Site

OWNER = "ada"


@dataclass
class Stage:
    """The store of a measurement. `processes` are those whose work counts, by name."""

    folder: Path
    redis: RedisServer
    database: JobsDatabase
    site: Site
    key: str
    owner: int
    processes: dict[str, psutil.Process]
    worker: Process

    def spent(self) -> dict[str, float]:
        """Return the seconds of processor time that each of them has used so far."""
        return {name: seconds_of(process) for name, process in self.processes.items()}

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment for another process of this store."""
        return {**os.environ, **self.site.environment}

    def stop_worker(self) -> None:
        self.worker.stop()
        self.processes.pop("worker", None)

    def start_worker(self) -> None:
        self.worker = self.site.start_worker()
        self.processes["worker"] = psutil.Process(self.worker.popen.pid)


def seconds_of(process: psutil.Process) -> float:
    """Return seconds of processor time, with those of all child processes, also of ended ones."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def open_stage(kind: str, *, sandbox: bool = True) -> Iterator[Stage]:
    """Run a store within the context. `kind`: "sqlite" or "postgresql"."""
    with tempfile.TemporaryDirectory(prefix="bench-jobs-") as name, running_database(kind, Path(name)) as (url, pid):
        folder = Path(name)
        with (
            redis_server(folder) as redis,
            Site(folder, redis.url, url, model="echo", sandbox=str(sandbox).lower()) as site,
        ):
            site.environment["PYTHONPATH"] = str(noop.install(folder / "plugins"))
            yield from opened(site, redis, url, pid, kind)


def opened(site: Site, redis: RedisServer, url: str, database_pid: int | None, kind: str) -> Iterator[Stage]:
    site.prepare()
    site.add_user(OWNER, "correct horse")
    key = site.manage("create_api_key", OWNER).split()[-1]
    with closing(PostgresqlJobs(url) if kind == "postgresql" else SqliteJobs(url)) as database:
        owner = database.person(OWNER)
        database.add_crowd()
        web = site.start_web()
        assert redis.process is not None
        processes = {"web": psutil.Process(web.popen.pid), "Redis": psutil.Process(redis.process.pid)}
        if database_pid:
            processes["database"] = psutil.Process(database_pid)
        worker = site.start_worker()
        processes["worker"] = psutil.Process(worker.popen.pid)
        yield Stage(site.folder, redis, database, site, key, owner, processes, worker)


@contextmanager
def running_database(kind: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    """Yield its URL, and its process if it has one of its own. Raises NotMeasured if PostgreSQL is not installed."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'gptstore.sqlite3'}", None
        return
    if find_programs() is None:
        raise NotMeasured("PostgreSQL's server programs are not on this machine.")
    with postgres_server(durable=True) as server:
        yield server.url, server.pid
