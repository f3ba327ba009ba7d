"""The registry of one worker's operator hooks."""

from collections.abc import Sequence
from typing import Any

from worker.hooks.filters import OutputFilter, filter_input
from worker.hooks.job_info import FinishedJob, RunningJob
from worker.hooks.loading import LoadedHook, load_named
from worker.hooks.notifier import Notifier
from worker.hooks.stored_output import open_filter


class OperatorHooks:
    """The hooks in the order of the setting. A hook that nobody implements costs nothing."""

    def __init__(self, hooks: Sequence[LoadedHook] = ()) -> None:
        self.hooks = hooks
        self.of_input = having(hooks, "gptstore_screen_input")
        self.of_output = having(hooks, "gptstore_screen_output")
        listeners = having(hooks, "gptstore_job_finished")
        self.notifier = Notifier(listeners) if listeners else None

    @property
    def listen(self) -> bool:
        """Return whether any hook wants notifications of jobs that ended."""
        return self.notifier is not None

    @property
    def names(self) -> list[str]:
        return [hook.name for hook in self.hooks]

    def input(self, job: RunningJob, value: dict[str, Any]) -> dict[str, Any]:
        """Return the input that the tool gets. Raises Refused, HookFailed."""
        filtered: dict[str, Any] = filter_input(self.of_input, job, value) if self.of_input else value
        return filtered

    def output(self, job: RunningJob, kind: str) -> OutputFilter | None:
        """Return a new filter for one output of this kind; None when no hook filters output."""
        return open_filter(kind, self.of_output, job) if self.of_output else None

    def finished(self, job: FinishedJob) -> None:
        if self.notifier is not None:
            self.notifier.put(job)

    def close(self) -> None:
        if self.notifier is not None:
            self.notifier.close()


def having(hooks: Sequence[LoadedHook], name: str) -> list[LoadedHook]:
    return [hook for hook in hooks if hook.implements(name)]


def open_hooks(names: Sequence[str]) -> OperatorHooks:
    """Load the hooks that the setting names. Raises HooksNotLoaded."""
    return OperatorHooks(load_named(names))
