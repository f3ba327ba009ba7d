"""What is written against engines does not pay for torch."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["protocol", "errors", "scripted"])
def test_importing_does_not_load_torch(module: str) -> None:
    code = f"import sys, worker.engine.{module}; print({{'torch', 'transformers', 'django'}} & set(sys.modules))"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize(("given", "expected"), [({}, "passive"), ({"OMP_WAIT_POLICY": "active"}, "active")])
def test_threads_are_told_to_sleep_before_torch_is_loaded_unless_set_otherwise(
    given: dict[str, str], expected: str
) -> None:
    code = "import os, sys, worker.engine; print(os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"} | given

    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )

    assert result.stdout.split() == [expected, "False"]
