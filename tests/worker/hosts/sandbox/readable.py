"""A copy of this Python, of the sandbox and of its tests that every user of the machine can read and run.

Often only root reads the Python that tests run in, which neither another user nor a host with a user of its own could
then start. A worker in production has one that all can read.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parents[4]
PACKAGES = [
    *("pluggy", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection", "regex"),
    "structlog",
    *("pytest", "pytest-timeout", "iniconfig", "packaging", "pygments"),
]
LEFT_OUT = ("__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "ensurepip", "tkinter")
SETTINGS = """[pytest]
pythonpath = .
addopts = --import-mode=importlib -p no:cacheprovider -q
markers = landlock
timeout = 120
"""


@dataclass(frozen=True)
class ReadablePython:
    folder: Path

    @property
    def prefix(self) -> Path:
        return self.folder / "python"

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python3"

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def run(self, *arguments: str, user: int | None = None) -> subprocess.CompletedProcess[str]:
        """user: to run as, with no other group than its own."""
        variables = {
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": str(self.prefix / "lib"),  # where the interpreter may look for its own elsewhere
        }
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=self.project,
            env=variables,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            encoding="utf-8",
            timeout=280,
            check=False,
        )


@contextmanager
def readable_python() -> Iterator[ReadablePython]:
    copy = ReadablePython(Path(mkdtemp(prefix="gptstore-python-")))
    try:
        copy_python(copy)
        place = copy.prefix / "lib" / Path(sysconfig.get_paths()["stdlib"]).name / "site-packages"
        copy_packages(place)
        copy_project(copy.project)
        for name in ("gptstore", "worker"):
            (place / name).symlink_to(copy.project / name)
        open_to_all(copy.folder)
        yield copy
    finally:
        shutil.rmtree(copy.folder)


@contextmanager
def closed_python() -> Iterator[ReadablePython]:
    """Make such a copy below a folder that only its owner can enter, as homes often are."""
    with readable_python() as copy:
        copy.folder.chmod(0o700)
        yield copy


def copy_python(copy: ReadablePython) -> None:
    copy.python.parent.mkdir(parents=True)
    shutil.copy2(Path(sys.executable).resolve(), copy.python)
    standard = Path(sysconfig.get_paths()["stdlib"])
    shutil.copytree(standard, copy.prefix / "lib" / standard.name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for shared in Path(sysconfig.get_config_var("LIBDIR")).glob("libpython3*.so*"):
        shutil.copy2(shared, copy.prefix / "lib")


def copy_packages(place: Path) -> None:
    for name in PACKAGES:
        for file in distribution(name).files or []:
            source = Path(str(file.locate()))
            if ".." not in file.parts and "__pycache__" not in file.parts and source.is_file():
                (place / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place / file)


def copy_project(place: Path) -> None:
    for name in ("gptstore", "worker", "harness", "tests/worker/hosts/sandbox"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "model", "locale"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy2(ROOT / name, place / name)
    (place / "pytest.ini").write_text(SETTINGS, encoding="utf-8")


def open_to_all(folder: Path) -> None:
    for parent, folders, files in os.walk(folder):
        for name in folders:
            (Path(parent) / name).chmod(0o755)
        for name in files:
            path = Path(parent) / name
            path.chmod(0o755 if os.access(path, os.X_OK) and path.parent.name == "bin" else 0o644)
    folder.chmod(0o755)
    (folder / "home").mkdir()
    (folder / "home").chmod(0o777)
