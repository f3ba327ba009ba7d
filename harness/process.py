"""A process of the store's own, started as an operator would, and certain to be ended."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]


class Process:
    """Runs `command` in the repository's root; its output goes to the file `log`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self.asked_to_end = False
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GPTSTORE_")}
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env={**inherited, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until it is ready. Raises AssertionError with its output when it ends, or is not ready in time."""

        def reached() -> bool:
            if ready():
                return True
            assert self.popen.poll() is None, f"ended with status {self.popen.returncode}:\n{self.text}"
            return False

        wait_until(reached, lambda: f"{self.log.stem} to be ready, which printed:\n{self.text}", seconds)

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self, seconds: float = 20.0) -> int:
        """Ask it to end, and kill it after `seconds`. Returns its status."""
        self.ask_to_end()
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def ask_to_end(self) -> None:
        if not self.asked_to_end and self.popen.poll() is None:
            self.popen.terminate()
        self.asked_to_end = True

    def kill(self) -> int:
        """End it at once, as a crash of the machine would."""
        self.popen.kill()
        return self.popen.wait()
