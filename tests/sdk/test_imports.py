"""The SDK stands alone: what a plugin's author installs is pluggy, pydantic and regex, and what loads is as little."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"django", "celery", "kombu", "redis", "torch", "transformers", "numpy", "pytest", "jsonschema", "worker"}


def modules_after(statement: str) -> list[str]:
    code = f"import sys, json; sys.path.insert(0, {str(ROOT)!r}); {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    loaded: list[str] = json.loads(done.stdout)
    return loaded


@pytest.mark.parametrize(
    "module",
    [
        "gptstore.sdk",
        "gptstore.sdk.execute",
        "gptstore.sdk.plugins",
        "gptstore.sdk.testing",
        "gptstore.sdk.text",
        "gptstore.sdk.words",
    ],
)
def test_importing_the_sdk_in_a_fresh_interpreter_loads_nothing_else_of_ours(module: str) -> None:
    loaded = modules_after(f"from {module} import *")

    assert not HEAVY & {name.partition(".")[0] for name in loaded}
    ours = [name for name in loaded if name == "gptstore" or name.startswith("gptstore.")]
    assert module in ours
    assert [name for name in ours if name != "gptstore" and not name.startswith("gptstore.sdk")] == []


def test_third_party_modules_are_pluggy_pydantic_and_regex_with_what_they_need() -> None:
    before = set(modules_after("pass"))
    new = {name.partition(".")[0] for name in modules_after("from gptstore.sdk import *")} - before

    third_party = {name for name in new if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert third_party <= {
        "gptstore", "pluggy", "regex",
        "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection",
    }  # fmt: skip
