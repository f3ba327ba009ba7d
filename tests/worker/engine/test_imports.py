"""What is written against engines does not pay for torch."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["protocol", "errors", "scripted"])
def test_importing_does_not_load_torch(module: str) -> None:
    code = f"import sys, worker.engine.{module}; print({{'torch', 'transformers', 'django'}} & set(sys.modules))"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert result.stdout.strip() == "set()"
