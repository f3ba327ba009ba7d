"""A store of its own to measure: Redis, a database that syncs to disk, one web process and one worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.jobs import noop
from bench.jobs.database import Database, Postgresql, Sqlite
from bench.jobs.errors import NotMeasured
from tests.services.postgres import Postgres, find_programs
from tests.services.process import Process
from tests.services.redis import RedisServer
from tests.services.site import Site

OWNER = "ada"


class DurablePostgres(Postgres):
    """As `Postgres`, but with the settings that a new cluster has."""

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        self.control(f"--log={self.folder}/log", f"--options={options}", "start")

    @property
    def pid(self) -> int:
        return int(Path(self.folder, "data", "postmaster.pid").read_text().split()[0])


@dataclass
class Stage:
    """What a measurement finds ready. `processes` are those whose work counts, by name."""

    folder: Path
    redis: RedisServer
    database: Database
    site: Site
    key: str
    owner: int
    processes: dict[str, psutil.Process]
    worker: Process

    def spent(self) -> dict[str, float]:
        """Seconds of processor time that each of them has used so far."""
        return {name: seconds_of(process) for name, process in self.processes.items()}

    @property
    def environment(self) -> dict[str, str]:
        """For another process of this store."""
        return {**os.environ, **self.site.environment}

    def stop_worker(self) -> None:
        self.worker.stop()
        self.processes.pop("worker", None)

    def start_worker(self) -> None:
        self.worker = self.site.start_worker()
        self.processes["worker"] = psutil.Process(self.worker.popen.pid)


def seconds_of(process: psutil.Process) -> float:
    """With those of all that it started, also of what has ended."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def open_stage(kind: str, *, sandbox: bool = True) -> Iterator[Stage]:
    """`kind`: "sqlite" or "postgresql"."""
    with tempfile.TemporaryDirectory(prefix="bench-jobs-") as name, running_database(kind, Path(name)) as (url, pid):
        folder = Path(name)
        redis = RedisServer(f"unix://{folder}/redis.sock?db=0")
        redis.start()
        try:
            with Site(folder, redis.url, url, model="echo", sandbox=str(sandbox).lower()) as site:
                site.environment["PYTHONPATH"] = str(noop.install(folder / "plugins"))
                yield from opened(site, redis, url, pid, kind)
        finally:
            redis.stop()


def opened(site: Site, redis: RedisServer, url: str, database_pid: int | None, kind: str) -> Iterator[Stage]:
    site.prepare()
    site.add_user(OWNER, "a-password-of-hers")
    key = site.manage("create_api_key", OWNER).split()[-1]
    with closing(Postgresql(url) if kind == "postgresql" else Sqlite(url)) as database:
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
    """Its URL, and its process where it has one of its own. Raises NotMeasured where PostgreSQL is not installed."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'gptstore.sqlite3'}", None
        return
    programs = find_programs()
    if programs is None:
        raise NotMeasured("PostgreSQL's server programs are not on this machine.")
    with tempfile.TemporaryDirectory(prefix="bench-jobs-pg-") as place:
        if os.geteuid() == 0:
            shutil.chown(place, "postgres")
        server = DurablePostgres(programs, place)
        server.start()
        try:
            yield server.url, server.pid
        finally:
            if server.is_running:
                server.stop()
