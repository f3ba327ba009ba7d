"""Writes a text while it grows, to where nothing can be taken back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from gptstore.sdk.cli.errors import OutputChanged


class LiveText:
    """Writes the output of a job as its events tell it.

    A text that begins again, after a lost connection or on another worker, is compared with what is written already,
    and writing goes on where that ends. write: takes the next piece. differ: called when the text turns out to be
    another one than what is written; the whole text is then written again, unless it raises.
    """

    def __init__(self, write: Callable[[str], None], differ: Callable[[], None]) -> None:
        self._write = write
        self._differ = differ
        self._written: list[str] = []
        self._repeated: int | None = None
        """How much of what is written has come again; None when all of it has."""

    def add(self, piece: str) -> None:
        """Take the next piece of the text."""
        if self._repeated is None:
            self._put(piece)
            return
        written = self._whole()
        expected = written[self._repeated : self._repeated + len(piece)]
        if not piece.startswith(expected):
            self._write_again(written[: self._repeated] + piece)
            return
        self._repeated += len(expected)
        if self._repeated == len(written):
            self._repeated = None
            self._put(piece[len(expected) :])

    def restart(self) -> None:
        """Take the whole text again from the beginning."""
        self._repeated = 0 if self._whole() else None

    def end(self, text: str) -> None:
        """Take the final text, and write what is left of it."""
        written = self._whole()
        if text.startswith(written):
            self._put(text[len(written) :])
        else:
            self._write_again(text)

    def _write_again(self, text: str) -> None:
        self._differ()
        self._written, self._repeated = [], None
        self._put(text)

    def _put(self, piece: str) -> None:
        if piece:
            self._written.append(piece)
            self._write(piece)

    def _whole(self) -> str:
        self._written = ["".join(self._written)]
        return self._written[0]


class LiveOutput(ABC):
    """Writes the output of a job while its events arrive. in_line: see `JobOutput`."""

    def __init__(self) -> None:
        self._text = LiveText(self._write, self._differ)

    @property
    def in_line(self) -> bool:
        return False

    def event(self, name: str, data: dict[str, Any]) -> None:
        if name == "output":
            self._text.add(str(data.get("text", "")))
        elif name in ("started", "reset"):
            self._text.restart()

    def end(self, job: dict[str, Any]) -> None:
        self._text.end(str(job.get("output") or ""))

    @abstractmethod
    def _write(self, text: str) -> None:
        """Write the next piece of the output."""

    def _differ(self) -> None:
        """Write no other text after one that a pipe has already. Raises OutputChanged."""
        raise OutputChanged
