"""All that a module with operator hooks imports."""

from worker.hooks.answers import Allow, Answer, Change, Refuse
from worker.hooks.facts import FinishedJob, RunningJob
from worker.hooks.hookspecs import hookimpl

__all__ = ["Allow", "Answer", "Change", "FinishedJob", "Refuse", "RunningJob", "hookimpl"]
