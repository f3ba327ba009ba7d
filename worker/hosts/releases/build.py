"""Makes a release's environment with uv: only from its own wheels, whose hashes have to be those that it names."""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from venv import EnvBuilder

from worker.hosts.releases.environment_locks import hold, locked_folder
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.release import Release
from worker.hosts.releases.wheels import check_unpacked, check_wheels
from worker.hosts.sandbox.environment import packages_of

SECONDS = 600
ATTEMPTS = 3
UV = (sys.executable, "-m", "uv", "--quiet", "--offline", "--no-config", "--no-cache")
VARIABLES = {"LANG": "C.UTF-8", "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
MAX_ERROR = 4000


def build(release: Release, place: Path) -> Path:
    """Return the folder of the release's environment in `place`: built before, or else now. Raises ReleaseError.

    Nothing of the release runs: wheels are checked and unpacked, never built. Many workers may do this at the same
    time. The environment is in use until this process ends.
    """
    release.check()
    built = place / f"{release.name}-{release.digest}"
    for _ in range(ATTEMPTS):
        if hold(built):
            return built
        with turn(built):
            if not hold(built):
                make(release, built)
    raise ReleaseError(f"its environment could not be put at {built}")


@contextmanager
def turn(built: Path) -> Iterator[None]:
    """Wait while another process makes this environment: a worker and `sync_tools` want it at the same time."""
    built.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    lock = built.with_name(f".lock-{built.name}")
    with lock.open("w") as file:
        with suppress(OSError):  # a file system without locks, where both make it
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def make(release: Release, built: Path) -> None:
    check_wheels(release.wheels)
    place = built.parent
    with locked_folder(place, ".building-") as made:
        folder = made / "environment"
        install(release, folder)
        open_to_all(folder)
        with suppress(OSError):  # somebody else was quicker
            folder.rename(built)


def install(release: Release, folder: Path) -> None:
    """Unpack the wheels into a new virtual environment, whose Python nobody starts: uv asks the worker's own."""
    EnvBuilder(symlinks=True).create(folder)
    library = packages_of(folder)
    wheels = ("--no-index", "--find-links", str(release.wheels), "--no-build", "--require-hashes")
    run(
        "pip", "install", "--python", sys.executable, "--target", str(library), *wheels, "-r", str(release.requirements)
    )
    check_unpacked(library)


def run(*arguments: str) -> None:
    home = tempfile.gettempdir()
    try:
        subprocess.run(
            [*UV, *arguments],
            cwd=home,
            env={**VARIABLES, "PATH": os.environ.get("PATH", os.defpath), "HOME": home},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        output = " ".join((error.stderr or error.stdout).split())
        raise ReleaseError(f"uv could not install it: {output[:MAX_ERROR]}") from None
    except subprocess.TimeoutExpired:
        raise ReleaseError(f"uv was not ready after {SECONDS} s") from None


def open_to_all(folder: Path) -> None:
    """Make the environment readable to all: its host may be a user of its own, and the release has no secrets."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in files:
            path = Path(parent) / name
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444)
