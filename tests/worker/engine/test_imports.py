"""What is written against engines does not pay for torch."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["protocol", "errors", "loop.scripted"])
def test_importing_does_not_load_torch(module: str) -> None:
    code = f"import sys, worker.engine.{module}; print({{'torch', 'transformers', 'django'}} & set(sys.modules))"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["passive", "1000"]),
        ({"GOMP_SPINCOUNT": "3000"}, ["passive", "3000"]),
        ({"OMP_WAIT_POLICY": "active"}, ["active", "None"]),
    ],
)
def test_threads_are_told_to_sleep_before_torch_is_loaded_unless_set_otherwise(
    given: dict[str, str], expected: list[str]
) -> None:
    names = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
    code = f"import os, sys, worker.engine; print(*map(os.environ.get, {names}), 'torch' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name not in names} | given

    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )

    assert result.stdout.split() == [*expected, "False"]
