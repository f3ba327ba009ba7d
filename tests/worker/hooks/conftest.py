"""Hooks that are made of a test's own functions."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from worker.hooks import RunningJob, hookimpl
from worker.hooks.filters import OutputFilter
from worker.hooks.loading import LoadedHook, use

JOB = RunningJob("0192", "echo", 7, 1)


def hook(name: str = "mine", **functions: Callable[..., Any]) -> LoadedHook:
    """hook(screen_input=…, screen_output=…, job_finished=…)."""
    marked = {f"gptstore_{short}": hookimpl(function) for short, function in functions.items()}
    return use(name, SimpleNamespace(**marked))


def through(screen: OutputFilter, *pieces: str) -> list[str]:
    """What goes on with each piece, and at the end."""
    return [*(screen.feed(piece) for piece in pieces), screen.feed("", ended=True)]


@pytest.fixture
def job() -> RunningJob:
    return JOB
