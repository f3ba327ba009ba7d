"""A PostgreSQL cluster that lives as long as a `with` block: in a temporary folder, on a unix socket."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

USER = "gptstore"


def find_programs() -> Path | None:
    """Return the folder with initdb and pg_ctl. Debian keeps them out of PATH, one folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        versions.append(Path(on_path).resolve().parent)
    return next(
        (folder for folder in versions if (folder / "initdb").exists() and (folder / "postgres").exists()), None
    )


class Postgres:
    """A cluster in a folder that others may not read; it can be stopped and started again.

    durable: with fsync, as a new cluster has it.
    """

    def __init__(self, programs: Path, folder: str, *, durable: bool = False) -> None:
        self.programs = programs
        self.folder = folder
        self.durable = durable
        self.url = f"postgres://{USER}@{quote(folder, safe='')}/postgres"
        initialise = [str(programs / "initdb"), f"--pgdata={folder}/data", "--no-sync"]
        run(*initialise, f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        options += "" if self.durable else " -c fsync=off -c full_page_writes=off"
        self.control(f"--log={self.folder}/log", f"--options={options}", "start")

    def stop(self) -> None:
        """Stop at once: open connections are cut off."""
        self.control("--mode=immediate", "stop")

    def control(self, *arguments: str) -> None:
        run(str(self.programs / "pg_ctl"), f"--pgdata={self.folder}/data", "--wait", "--silent", *arguments)

    @property
    def pid_file(self) -> Path:
        return Path(self.folder, "data", "postmaster.pid")

    @property
    def pid(self) -> int:
        return int(self.pid_file.read_text().split()[0])

    @property
    def is_running(self) -> bool:
        return self.pid_file.exists()


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a server with an empty database within the context."""
    programs = find_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL's server programs are not on this machine")
    with tempfile.TemporaryDirectory(prefix="gptstore-pg-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = Postgres(programs, folder, durable=durable)
        server.start()
        try:
            yield server
        finally:
            if server.is_running:
                server.stop()


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """Run a server within the context; yield the URL of its empty database."""
    with postgres_server() as server:
        yield server.url


def run(*command: str) -> None:
    """Run one of PostgreSQL's programs, which refuse to be root: root becomes the user `postgres`."""
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, *command], cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=60)
