"""Writes docs/settings.md from `Environment`: `python -m gptstore.env_docs [--check]`."""

import argparse
import sys
from typing import get_args

from gptstore.env import BASE_DIR, Environment

PAGE = BASE_DIR / "docs" / "settings.md"
HEADING = """# Settings

Every setting is an environment variable. This page is generated from `gptstore/env.py` (`python -m gptstore.env_docs`).

| variable | default | meaning |
| --- | --- | --- |
"""


def render() -> str:
    rows = []
    for name, field in Environment.model_fields.items():
        default = "`var/`" if name == "var" else shown(field.default)
        choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
        meaning = field.description or ""
        if choices:
            meaning += " One of " + ", ".join(f"`{choice}`" for choice in choices) + "."
        rows.append(f"| `GPTSTORE_{name.upper()}` | {default} | {meaning} |\n")
    return HEADING + "".join(rows)


def shown(default: object) -> str:
    if default is None:
        return ""
    text = ",".join(default) if isinstance(default, list) else str(default)
    return f"`{text}`" if text else ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/settings.md from the settings class.")
    parser.add_argument(
        "--check", action="store_true", help="only say whether the page is up to date (exit status 1 if not)"
    )
    check = parser.parse_args().check
    if not check:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(render(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == render():
        return 0
    print("docs/settings.md is out of date: run python -m gptstore.env_docs", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
