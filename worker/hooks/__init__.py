"""The names that a module with operator hooks imports."""

from worker.hooks.answers import Allow, Answer, Change, Refuse
from worker.hooks.hookspecs import hookimpl
from worker.hooks.job_info import FinishedJob, RunningJob

__all__ = ["Allow", "Answer", "Change", "FinishedJob", "Refuse", "RunningJob", "hookimpl"]
