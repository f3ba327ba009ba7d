"""Problems as SARIF 2.1.0, the form in which code hosts and editors take the findings of checks (OASIS, 2020)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from gptstore.sdk.intake.rules import RULES
from gptstore.sdk.problem import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
VERSION = "2.1.0"
_NAMES = [*RULES]


def as_sarif(problems: Sequence[Problem]) -> str:
    """Return the log of one run. Paths are relative to the folder from which the check was called."""
    driver = {"name": "gptstore check", "version": version("gptstore-sdk"), "rules": [_rule(name) for name in _NAMES]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem) for problem in problems],
    }
    return json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(name: str) -> dict[str, Any]:
    return {"id": name, "shortDescription": {"text": f"{RULES[name].title}."}}


def _result(problem: Problem) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.file or "pyproject.toml")}}
    if problem.line:
        place["region"] = {"startLine": problem.line}
    return {
        "ruleId": problem.rule,
        "ruleIndex": _NAMES.index(problem.rule),
        "level": problem.severity,
        "message": {"text": problem.sentence},
        "locations": [{"physicalLocation": place}],
    }
