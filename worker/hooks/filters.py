"""Passes texts through a chain of hooks, each of which gets the text as the one before left it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog

from worker.hooks.answers import Allow, Change, Refuse
from worker.hooks.errors import HookFailed, Refused
from worker.hooks.job_info import RunningJob
from worker.hooks.loading import LoadedHook

MAX_HELD = 4096
MAX_BEFORE = 256

log = structlog.get_logger(__name__)


class BadAnswer(Exception):
    """Raised when a hook returned something invalid. A second call may do better."""


def filter_input(hooks: Sequence[LoadedHook], job: RunningJob, value: Any, field: str = "") -> Any:
    """Return a copy of the value with every text in it as the hooks left it. Raises Refused, HookFailed."""
    if isinstance(value, dict):
        return {
            name: filter_input(hooks, job, inner, f"{field}.{name}" if field else name) for name, inner in value.items()
        }
    if isinstance(value, list):
        return [filter_input(hooks, job, inner, f"{field}[{number}]") for number, inner in enumerate(value)]
    if isinstance(value, str):
        return filter_text(hooks, job, value, field)
    return value


def filter_text(hooks: Sequence[LoadedHook], job: RunningJob, text: str, field: str) -> str:
    for hook in hooks:
        if text:
            ask = partial(hook.calls.gptstore_screen_input, job=job, field=field, text=text)
            text, _ = decide(hook, job, ask, text, most_held=0)
    return text


class OutputFilter:
    """One chain of filters over a run's whole output. Methods raise Refused, HookFailed; `fault` is the first of these.

    `feed` is for one thread at a time.
    """

    def __init__(self, hooks: Sequence[LoadedHook], job: RunningJob) -> None:
        self.hooks = hooks
        self.job = job
        self.stages = self.chain()
        self.fault: Refused | HookFailed | None = None

    def feed(self, text: str, *, ended: bool = False) -> str:
        """Return the next piece of the output, as far as the hooks pass it now. `ended`: nothing follows."""
        return self.run(self.stages, text, ended)

    def whole(self, text: str) -> str:
        """Return a text beside the output, as the hooks left it."""
        return self.run(self.chain(), text, ended=True)

    def chain(self) -> "list[Stage]":
        return [Stage(hook, self.job) for hook in self.hooks]

    def run(self, stages: "list[Stage]", text: str, ended: bool) -> str:
        try:
            for stage in stages:
                text = stage.feed(text, ended)
        except (Refused, HookFailed) as error:
            self.fault = self.fault or error
            raise
        return text


class Stage:
    """One hook's part of a stream: the text that it holds, and the text before that."""

    def __init__(self, hook: LoadedHook, job: RunningJob) -> None:
        self.hook = hook
        self.job = job
        self.before = ""
        self.held = ""

    def feed(self, new: str, ended: bool) -> str:
        text = self.held + new
        if not text:
            return ""
        call = self.hook.calls.gptstore_screen_output
        ask = partial(call, job=self.job, before=self.before, text=text, ended=ended)
        passed, hold = decide(self.hook, self.job, ask, text, most_held=0 if ended else MAX_HELD)
        border = len(text) - hold
        self.before = (self.before + text[:border])[-MAX_BEFORE:]
        self.held = text[border:]
        return passed


def decide(hook: LoadedHook, job: RunningJob, ask: Callable[[], Any], text: str, *, most_held: int) -> tuple[str, int]:
    """Return the text as the hook left it, and how many last characters it held back. Raises Refused, HookFailed."""
    try:
        answer = ask()
        if isinstance(answer, Refuse):
            reason = str(answer.reason)
        else:
            return read(answer, text, most_held)
    except BaseException as error:  # also SystemExit: a hook is no reason to let a text through
        log.exception("hook_failed", hook=hook.name, job=job.id, tool=job.tool)
        raise HookFailed(hook.name) from error
    log.info("text_refused", hook=hook.name, job=job.id, tool=job.tool)
    raise Refused(reason)


def read(answer: object, text: str, most_held: int) -> tuple[str, int]:
    match answer:
        case None:
            return text, 0
        case Allow(hold) if is_count(hold, min(most_held, len(text))):
            return text[: len(text) - hold], hold
        case Change(str(changed), hold) if is_count(hold, min(most_held, len(text))):
            return changed, hold
    shown = f"{type(answer).__name__} with hold={answer.hold}" if isinstance(answer, Allow | Change) else repr(answer)
    raise BadAnswer(f"returned {shown[:200]} for a text of {len(text)} characters, of which {most_held} may be held")


def is_count(hold: object, most: int) -> bool:
    return isinstance(hold, int) and 0 <= hold <= most
