"""Notices that a file of a project was saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from watchfiles import Change, DefaultFilter, watch

_DEBOUNCE_MS = 300
_STEP_MS = 30
"""An editor writes a file in several steps; a save counts when none came for so long."""

_CODE = (".py", ".toml")


class Watcher:
    """Watches a project's folder, on a thread of its own. saved: called on that thread after each save."""

    def __init__(self, folder: Path, saved: Callable[[], None]) -> None:
        self._folder = folder.resolve()
        self._also: set[Path] = set()
        self._saved = saved
        self._change = Event()
        self._stop = Event()
        self._ignore = DefaultFilter()
        self._thread = Thread(target=self._watch, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def has_changed(self) -> bool:
        """Return whether something was saved since the last `wait` or `forget`."""
        return self._change.is_set()

    def add(self, file: Path) -> None:
        """Notice saves of this file, too, where it lies in the folder: such as a script of answers."""
        self._also.add(file.resolve())

    def forget(self) -> None:
        """Take what was saved so far as read."""
        self._change.clear()

    def wait(self) -> None:
        """Wait until something is saved."""
        self._change.wait()

    def _watch(self) -> None:
        concerns, stop = self._concerns, self._stop
        for _ in watch(self._folder, watch_filter=concerns, debounce=_DEBOUNCE_MS, step=_STEP_MS, stop_event=stop):
            self._change.set()
            self._saved()

    def _concerns(self, change: Change, path: str) -> bool:
        """Return whether a file belongs to the project: code, or what lies in a package. An output does not."""
        changed = Path(path)
        if changed in self._also:
            return True
        if not changed.is_relative_to(self._folder) or not self._ignore(change, path):
            return False
        return changed.suffix in _CODE or any(
            (folder / "__init__.py").exists() for folder in changed.parents if folder.is_relative_to(self._folder)
        )
