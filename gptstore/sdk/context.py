"""The context that a running tool gets from the store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gptstore.sdk.model import Model


class Context(ABC):
    """The first argument of every tool: the shared model, and ways to report the job's progress.

    Once the job was canceled, or went over its time or another limit, the model, `progress` and `log` raise Canceled,
    and nothing more of the output is shown.

    settings: an instance of the model that `@tool(settings=…)` names, as an administrator filled it in; else None.
    """

    model: Model
    settings: Any = None

    @abstractmethod
    def progress(self, done: float, total: float, message: str = "") -> None:
        """Report that `done` of `total` steps are finished, with a few words for the person who waits.

        Both are finite numbers, in any unit.
        """

    @abstractmethod
    def log(self, message: str) -> None:
        """Add a line to the job's log. The person who ran the tool can read it."""

    @property
    @abstractmethod
    def canceled(self) -> bool:
        """Return True once the job was canceled or went over a limit. Check it in long work without model calls."""

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds until the run's time is up (`max_seconds`, or the store's limit); None without a limit.

        Check it in long work, to stop in time with what there is: a run whose time is up fails.
        """
        return None
