"""Runs `gptstore` as a person does: from a shell with pipes, or on a terminal."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from harness.process import ROOT
from harness.waiting import wait_until

COMMAND = [sys.executable, "-m", "gptstore.sdk.cli"]
SECONDS = 90


class Terminal:
    """A command on a pseudo-terminal of 80 columns. `text` is everything that it has printed there so far."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.master = master
        self.read = bytearray()
        self.reader = Thread(target=self.read_all, daemon=True)
        self.reader.start()

    def read_all(self) -> None:
        while True:
            try:
                self.read += os.read(self.master, 65536)
            except OSError:  # the other end is closed
                return

    @property
    def text(self) -> str:
        return self.read.decode(errors="replace").replace("\r\n", "\n")

    @property
    def plain(self) -> str:
        """The text without its colors."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.text)

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.text, lambda: f"{text!r} in {self.text!r}", SECONDS)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        status = self.process.wait(SECONDS)
        self.reader.join(SECONDS)
        return status


class Gptstore:
    """The command with settings of its own: `folder` is the person's home, `variables` go into its environment."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GPTSTORE_")}
        own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "TERM": "xterm", "COLUMNS": "80"}
        self.environment = {**inherited, **own, "PYTHONPATH": str(ROOT), **variables}

    def run(self, *arguments: str, stdin: bytes | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end with pipes. `stdout` has the line ends as they were written."""
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            timeout=SECONDS,
            **given,  # type: ignore[call-overload]
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextmanager
    def start(self, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start it with pipes; it is killed at the end where it still runs."""
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def terminal(self, *arguments: str, **variables: str) -> Iterator[Terminal]:
        """Start it on a terminal; it is killed at the end where it still runs."""
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,  # or else a password would be read from the terminal of whoever runs the tests
        )
        os.close(slave)
        terminal = Terminal(process, master)
        try:
            yield terminal
        finally:
            process.kill()
            process.wait()
            terminal.reader.join()
            os.close(master)
