"""Runs the tool of one claimed job in its host. `outcome` writes how the job ends."""

from dataclasses import replace
from typing import Any

import structlog

from gptstore.catalog.models import Tool
from gptstore.catalog.tool_settings import find_problem, read_given
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle.outcome import JobError
from gptstore.jobs.lifecycle.states import is_exhausted
from gptstore.sdk import Canceled, InputError, ParameterError, ToolError
from gptstore.sdk.limits import DISK, MEMORY
from worker.engine.errors import EngineError
from worker.hooks.errors import HookFailed, Refused
from worker.hosts.base import ToolCall, ToolHost
from worker.hosts.convert import as_message
from worker.hosts.errors import HostLost, LimitExceeded, ToolCrashed, ToolMissing
from worker.jobs.run import Run
from worker.jobs.run_end import EndReason

log = structlog.get_logger(__name__)

NO_TOOL = "The worker has no tool {slug!r}. Ask the operator to install its plugin there."


def execute(run: Run, host: ToolHost) -> JobError | None:
    """Run the tool to its end, and publish all that operator hooks let through. Return what went wrong, or None."""
    run.publisher.start()
    try:
        error = run_tool(run, host)
        run.flush_held()
        return error and replace(error, message=run.message(error.message))
    except Canceled:
        run.stop()
        return None
    except (Refused, HookFailed) as refusal:
        return refusal_error(refusal)
    finally:
        run.finish()


def run_tool(run: Run, host: ToolHost) -> JobError | None:
    """Run the tool. Return what went wrong, or None. Raises Canceled, Refused, HookFailed alone."""
    slug, plugin, given = run.job.tool.slug, run.job.tool.plugin, run.job.input
    try:
        given = run.input
        memory, disk = run.limits[MEMORY].own, run.limits[DISK].own
        settings = read_settings(run.job.tool)
        its = (str(run.job.id), settings, run.job.release, run.counts_denials)
        host.run(ToolCall(plugin, slug, given, memory, disk, *its), run)
    except (Canceled, Refused, HookFailed):
        raise
    except ToolError as error:
        return JobError(ErrorCode.TOOL_ERROR, as_message(error.message))
    except InputError as error:
        why = "The worker's version of this tool does not take this input"
        if given != run.job.input:
            why = "As a filter of this site changed it, this input does not fit the tool"
        return JobError(ErrorCode.TOOL_ERROR, as_message(f"{why}: {error}"))
    except ParameterError as error:
        return JobError(ErrorCode.BAD_REQUEST, as_message(str(error)))
    except ToolMissing:
        if is_exhausted(run.job):
            return JobError(ErrorCode.TOOL_MISSING, NO_TOOL.format(slug=slug))
        log.warning("tool_gone", job=str(run.job.id), tool=slug)
        run.stop(EndReason.TOOL_GONE)  # it was uninstalled or upgraded since the claim
    except HostLost:
        log.warning("host_lost", job=str(run.job.id), tool=slug)
        run.stop(EndReason.HOST_LOST)
    except LimitExceeded as error:
        run.exceed(replace(error.limit, by_admin=run.limits[error.limit.kind].by_admin))
    except ToolCrashed as error:
        log.error("tool_crashed", job=str(run.job.id), tool=slug, fault=error.fault, details=error.details)
        return JobError(ErrorCode.TOOL_CRASHED, crash_message(error.fault), error.fault, error.details)
    except EngineError as error:
        return JobError(engine_code(error), as_message(error.message))
    except BaseException as error:
        log.exception("tool_crashed", job=str(run.job.id), tool=slug)
        return JobError(ErrorCode.TOOL_CRASHED, crash_message(type(error).__name__))
    return None


def read_settings(tool: Tool) -> dict[str, Any] | None:
    """Return the tool's settings as they are now; None where it declares none. Raises ToolError for missing ones."""
    if not tool.settings_schema:
        return None
    values = read_given(tool)
    if problem := find_problem(tool, values):
        raise ToolError(problem)
    return values


def refusal_error(error: Refused | HookFailed) -> JobError:
    if isinstance(error, Refused):
        return JobError(ErrorCode.REFUSED, as_message(error.reason) or "The rules of this site do not allow it.")
    message = f"A filter of this site has a fault ({error.hook}), so the run was stopped. Tell its operator."
    return JobError(ErrorCode.INTERNAL_ERROR, message)


def crash_message(fault: str) -> str:
    return as_message(f"The tool stopped because of a fault in its own code ({fault}). Tell its author.")


def engine_code(error: EngineError) -> ErrorCode:
    return ErrorCode(error.code) if error.code in ErrorCode.values else ErrorCode.ENGINE_ERROR
