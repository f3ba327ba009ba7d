"""What an author's type checker says about `@tool`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOOD = """\
from gptstore.sdk import Context, Tool, tool

@tool(title="Weather", output="markdown", max_seconds=5, network=True)
def weather(ctx: Context, city: str) -> str:
    \"\"\"Tell the weather.\"\"\"
    return city

found: Tool = weather
"""


def check(tmp_path: Path, code: str) -> str:
    """Check in strict mode, with the settings of nobody. Returns what mypy prints."""
    (tmp_path / "weather.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "weather.py"]
    cache = ["--cache-dir", str(tmp_path / "cache")]
    environment = {"MYPYPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(
        [*command, *cache], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    return done.stdout + done.stderr


def test_every_option_is_known_to_type_checkers(tmp_path: Path) -> None:
    assert "Success: no issues found" in check(tmp_path, GOOD)


def test_a_name_that_is_not_there_is_found(tmp_path: Path) -> None:
    assert 'has no attribute "tol"' in check(tmp_path, GOOD.replace("Tool, tool", "Tool, tol, tool"))


def test_a_wrong_option_is_found(tmp_path: Path) -> None:
    said = check(tmp_path, GOOD.replace("network=True", 'network="yes", colour="red"').replace("markdown", "html"))

    assert 'error: Unexpected keyword argument "colour"' in said
    assert "error: No overload variant" in said
