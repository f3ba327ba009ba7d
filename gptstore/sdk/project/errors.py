"""The errors of projects."""

from __future__ import annotations

from gptstore.sdk.problem import Problem


class ProjectError(Exception):
    """Raised when a folder is no project of a plugin, or its pyproject.toml is not as it has to be.

    `problem` says where and what to do. Only another pyproject.toml, or another folder, can help.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
