"""Reads what `@file` and `@-` name."""

from __future__ import annotations

import sys
from pathlib import Path

from gptstore.sdk.cli.errors import UsageError
from gptstore.sdk.cli.flag_values import STDIN


class LocalFiles:
    """Reads files, and stdin once."""

    def __init__(self) -> None:
        self._stdin_read = False

    @property
    def has_pipe(self) -> bool:
        """Return whether stdin is no terminal, and was not read yet."""
        return not self._stdin_read and sys.stdin is not None and not sys.stdin.isatty()

    def text(self, name: str) -> str:
        """Return a file's text as it is, without a byte order mark. Raises UsageError."""
        try:
            return self.data(name).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(f"{_shown(name)} is not a text in UTF-8; convert it first.") from None

    def data(self, name: str) -> bytes:
        """Return a file's bytes. Raises UsageError."""
        if name == STDIN:
            return self._stdin()
        try:
            return Path(name).expanduser().read_bytes()
        except OSError as error:
            advice = "Write @@ for a text that begins with @." if isinstance(error, FileNotFoundError) else ""
            raise UsageError(f"{name} cannot be read: {error.strerror}. {advice}".rstrip()) from None

    def _stdin(self) -> bytes:
        if self._stdin_read:
            raise UsageError("stdin can be read for one input only; write the other one to a file.")
        self._stdin_read = True
        return sys.stdin.buffer.read()


def _shown(name: str) -> str:
    return "stdin" if name == STDIN else name


class KeptFiles(LocalFiles):
    """Reads files for many runs with the same input: each reads stdin as the first one did."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: bytes | None = None

    def begin(self) -> None:
        """Let the next run read stdin."""
        self._stdin_read = False

    def _stdin(self) -> bytes:
        if self._kept is None or self._stdin_read:
            self._kept = super()._stdin()
        self._stdin_read = True
        return self._kept
