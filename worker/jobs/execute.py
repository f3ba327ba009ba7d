"""Runs one claimed job: start the tool, pass on what it says, write how it ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import close_old_connections

from gptstore.jobs import doorbell
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.outage import AWAY, say_away
from gptstore.sdk import Canceled, InputError, ToolError
from worker.engine.errors import EngineError
from worker.hooks.errors import HookFailed, Refused
from worker.hosts.base import HostLost, LimitExceeded, ToolCall, ToolCrashed, ToolHost, ToolMissing
from worker.hosts.text import as_message
from worker.jobs.excess import stop_at
from worker.jobs.notify import tell_finished
from worker.jobs.run import Run

log = structlog.get_logger(__name__)

FAREWELL_SECONDS = 1.0
OUTAGE_SECONDS = 30.0
AGAIN_SECONDS = 0.5


@dataclass(frozen=True)
class Failure:
    """by_screen: operator hooks ended the job, and there is nobody to ask about this message."""

    code: ErrorCode
    message: str
    by_screen: bool = False


def run_job(run: Run, host: ToolHost, retire: Callable[[], bool] = bool) -> None:
    """Run to a final status, or give the job back to the queue when the engine was closed under it.

    retire: called before a job is given back, so that this worker does not take it again; whether its engine died.
    """
    job = run.job
    run.publisher.start()
    log.info("job_started", job=str(job.id), tool=job.tool.slug, attempt=job.attempt)
    failure = say_rest(run, execute(run, host))
    run.end()
    if run.handed_back:
        died = run.host_lost or retire()
        if not (run.lost or run.exceeded) and give_back(run, died):
            return
    if settle_at_last(run, failure):
        run.publisher.finish()
        tell_finished(run)
    log.info(
        "job_ended",
        job=str(job.id),
        failure=failure and failure.code,
        tokens=run.completion_tokens,
        limit=run.exceeded and run.exceeded.kind.option,
        lost=run.lost,
    )


def give_back(run: Run, died: bool) -> bool:
    """Whether the job is queued again, or failed because what ran it died too often. died: whether it did now."""
    job, text, tokens = run.job, run.publisher.text, (run.prompt_tokens, run.completion_tokens)
    if died and states.give_up(job, text, *tokens):
        run.publisher.finish()
        tell_finished(run)
        log.error("job_given_up", job=str(job.id), attempt=job.attempt)
        return True
    run.publisher.flush(FAREWELL_SECONDS)  # so that nothing of it comes after what the next attempt says
    if not states.release(job):
        return False
    log.info("job_released", job=str(job.id), attempt=job.attempt)
    doorbell.ring()
    return True


def execute(run: Run, host: ToolHost) -> Failure | None:
    """What went wrong, or None. A plugin may raise anything; nothing of it gets past this function."""
    slug, given = run.job.tool.slug, run.job.input
    try:
        given = run.input
        host.run(ToolCall(slug, given, run.limits.own_memory), run)
    except Canceled:
        run.stop()
    except (Refused, HookFailed) as error:
        return screen_failure(error)
    except ToolError as error:
        return Failure(ErrorCode.TOOL_ERROR, as_message(error.message))
    except InputError as error:
        why = "The worker's version of this tool does not take this input"
        if given != run.job.input:
            why = "As a screen of this site changed it, this input does not fit the tool"
        return Failure(ErrorCode.TOOL_ERROR, as_message(f"{why}: {error}"))
    except ToolMissing:
        return Failure(
            ErrorCode.TOOL_MISSING, f"The worker has no tool {slug!r}. Ask the operator to install its plugin there."
        )
    except HostLost:
        log.warning("host_lost", job=str(run.job.id), tool=slug)
        run.hand_back(host_lost=True)
    except LimitExceeded as error:
        run.exceed(error.limit)
    except ToolCrashed as error:
        log.error("tool_crashed", job=str(run.job.id), tool=slug, fault=error.fault, details=error.details)
        return Failure(ErrorCode.TOOL_CRASHED, crash_message(error.fault))
    except EngineError as error:
        return Failure(engine_code(error), as_message(error.message))
    except BaseException as error:
        log.exception("tool_crashed", job=str(run.job.id), tool=slug)
        return Failure(ErrorCode.TOOL_CRASHED, crash_message(type(error).__name__))
    return None


def say_rest(run: Run, failure: Failure | None) -> Failure | None:
    """Say what was held back, and the failure's message, as far as operator hooks allow. What went wrong, or None."""
    if failure is not None and failure.by_screen:
        return failure
    try:
        run.release()
        return failure and Failure(failure.code, run.message(failure.message))
    except Canceled:
        return failure
    except (Refused, HookFailed) as error:
        return screen_failure(error)


def screen_failure(error: Refused | HookFailed) -> Failure:
    if isinstance(error, Refused):
        reason = as_message(error.reason) or "The rules of this site do not allow it."
        return Failure(ErrorCode.REFUSED, reason, by_screen=True)
    message = f"A screen of this site has a fault ({error.hook}), so the run was stopped. Tell its operator."
    return Failure(ErrorCode.INTERNAL_ERROR, message, by_screen=True)


def crash_message(fault: str) -> str:
    return as_message(f"The tool stopped because of a fault in its own code ({fault}). Tell its author.")


def engine_code(error: EngineError) -> ErrorCode:
    return ErrorCode(error.code) if error.code in ErrorCode.values else ErrorCode.ENGINE_ERROR


def settle_at_last(run: Run, failure: Failure | None) -> bool:
    """Settle it when the database is back, where it is away for a moment: all that was made would be lost.

    The worker's pulse renews the lease as soon as it can. Raises what the database raises when it stays away.
    """
    latest = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return settle(run, failure)
        except AWAY as error:
            if time.monotonic() >= latest:
                raise
            say_away("database", error, job=str(run.job.id))
            close_old_connections()
            time.sleep(AGAIN_SECONDS)


def settle(run: Run, failure: Failure | None) -> bool:
    """Whether this run still owned the job, so that its end was written."""
    text, tokens = run.publisher.text, (run.prompt_tokens, run.completion_tokens)
    if run.lost:
        return False
    if run.exceeded:
        return stop_at(run.job, run.exceeded, text, *tokens)
    if run.stopped:
        return states.end_canceled(run.job, text, *tokens)
    if failure is not None:
        return states.fail(run.job, failure.code, failure.message, text, *tokens)
    return states.succeed(run.job, text, *tokens)
