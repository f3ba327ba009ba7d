"""The errors of running a tool from its folder."""

from __future__ import annotations

from gptstore.sdk.problem import Problem


class PluginProblem(Exception):
    """Raised when the plugin can't be imported. `problem` says where and what to do about it.

    details: the traceback, or what the plugin printed.
    """

    def __init__(self, problem: Problem, details: str = "") -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.details = details


class ModelError(Exception):
    """Raised when there is no model to use as it was asked for. The message is a sentence with what to do."""


class ModelAway(ModelError):
    """Raised when a model's server does not answer, or refuses the key. Trying again later can help."""
