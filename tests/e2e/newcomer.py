"""Somebody with nothing but Python and an empty folder: an environment of their own, and the command from its wheel."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from harness.process import ROOT
from tests.worker.hosts.releases.wheels import repack

QUIETLY = ("--quiet", "--disable-pip-version-check", "--no-index")


class Newcomer:
    """folder: their desk, which is empty. wheels: what they can install."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder, self.wheels = folder / "desk", wheels
        self.folder.mkdir()
        python = folder / "python"
        subprocess.run([sys.executable, "-m", "venv", str(python)], check=True)
        self.commands = python / "bin"
        self.environment = {
            "PATH": f"{self.commands}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def install(self, requirement: str) -> None:
        self.run("pip", "install", *QUIETLY, "--find-links", str(self.wheels), requirement)

    def run(self, *command: str) -> str:
        """Run a command, and return what it printed for programs. Raises AssertionError with all of it."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, f"$ {' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    @contextmanager
    def started(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command until the context ends."""
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.terminate()


def make_wheels(place: Path) -> Path:
    """Make the wheel of the SDK, and the wheels of all that its command needs, as they are installed here."""
    sources = shutil.copytree(  # a build leaves files behind
        ROOT / "gptstore" / "sdk", place / "sdk", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    )
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", f"--wheel-dir={place}"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(sources)], check=True)
    for name in needed_by("gptstore-sdk", "cli"):
        repack(name, place)
    repack("setuptools", place)
    return place


def needed_by(name: str, extra: str = "") -> set[str]:
    """Return the packages that this one needs here, directly or not."""
    found: set[str] = set()
    waiting = [(name, extra)]
    while waiting:
        package, wanted = waiting.pop()
        for line in distribution(package).requires or []:
            required = Requirement(line)
            if required.marker is not None and not required.marker.evaluate({"extra": wanted}):
                continue
            if required.name not in found and is_installed(required.name):
                found.add(required.name)
                waiting += [(required.name, one) for one in ["", *required.extras]]
    return found


def is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
