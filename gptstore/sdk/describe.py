"""`python -m gptstore.sdk.describe`: prints the manifests of the installed plugins, as JSON.

The store itself reads them one by one, each in a process of its own: `gptstore.sdk.host.describe`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Collection
from typing import Any, NoReturn

from gptstore.sdk.plugins import load_plugins


def describe(group: str = "gptstore", names: Collection[str] | None = None) -> dict[str, Any]:
    """Return `{"manifests": [...], "broken": [{"plugin", "error"}]}`. names: of these plugins only."""
    loaded = load_plugins(group, names=names)
    for plugin in loaded.broken:
        print(f"{plugin.name}: {plugin.error}\n{plugin.details}", file=sys.stderr)
    return {
        "manifests": [plugin.manifest.model_dump(mode="json") for plugin in loaded.plugins],
        "broken": [{"plugin": plugin.name, "error": plugin.error} for plugin in loaded.broken],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m gptstore.sdk.describe", description="Print what the installed plugins offer, as JSON."
    )
    parser.add_argument("--group", default="gptstore", help="the entry point group to read (default: %(default)s)")
    group = parser.parse_args().group
    print_description(lambda: describe(group))


def print_description(describe: Callable[[], dict[str, Any]]) -> NoReturn:
    """Print what the function returns, and nothing else that is printed meanwhile. Ends the process."""
    answer = _keep_stdout()
    text = json.dumps(describe(), ensure_ascii=False, indent=2)
    with os.fdopen(answer, "w", encoding="utf-8") as stdout:
        stdout.write(text + "\n")
    sys.stderr.flush()
    os._exit(0)  # a thread that a plugin started must not keep this process alive


def _keep_stdout() -> int:
    """Give the real stdout away and point everything that prints, also below Python, to stderr."""
    answer = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return answer


if __name__ == "__main__":
    main()
