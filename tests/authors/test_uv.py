"""The program uv, which locks and builds."""

from pathlib import Path

import pytest

from gptstore.sdk.wheels import uv
from gptstore.sdk.wheels.errors import WheelError


def test_a_program_that_may_not_be_started_is_an_error_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "uv"
    program.write_text("no program")
    monkeypatch.setattr(uv, "find_uv", lambda: str(program))

    with pytest.raises(WheelError, match=r"Permission denied.*install"):
        uv.run_uv("--version", folder=tmp_path)
