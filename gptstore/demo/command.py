"""`python -m gptstore.demo.command VAR COMMAND…`: runs a command of Django with the settings of the demo in VAR.

By this `gptstore install` brings the catalogue of the demo up to date, from any folder.
"""

import os
import sys
from pathlib import Path
from typing import Any

from gptstore.demo.config import Options, environment
from gptstore.demo.paths import ROOT, Paths


def reach(paths: Paths) -> dict[str, Any]:
    """Return what `demo.json` says to `gptstore install`."""
    manage = [sys.executable, "-m", "gptstore.demo.command", str(paths.var)]
    return {"releases": str(paths.releases), "root": str(ROOT), "manage": manage}


def main() -> None:
    var, *command = sys.argv[1:]
    paths = Paths(Path(var))
    variables = environment(Options("127.0.0.1", 0, "", paths), paths.redis / "redis.sock")
    os.execve(sys.executable, [sys.executable, "-m", "django", *command], variables)  # noqa: S606


if __name__ == "__main__":
    main()
