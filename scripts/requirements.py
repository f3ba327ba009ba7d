"""Pins every requirement: `make requirements` writes web.txt, worker.txt and dev.txt from the .in files.

constraints.txt has the versions of web.txt and worker.txt without hashes: for `pip install -c` of plugins.

`make requirements UPGRADE=1` takes the newest releases; without it, pins change only where the .in files ask for it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "requirements"
INPUTS = {
    "web": ["web.in"],
    "worker": ["web.in", "worker.in"],
    "dev": ["dev.in"],
}
CONSTRAINTS = {"web": [], "worker": ["web.txt"], "dev": ["web.txt", "worker.txt"]}
OPTIONS = [
    "--quiet",
    "--allow-unsafe",
    "--strip-extras",
    "--no-annotate",
    "--no-emit-find-links",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
]


def pin(role: str, upgrade: bool) -> None:
    output = FOLDER / f"{role}.txt"
    command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, f"--output-file={output.name}"]
    command += [f"--constraint={name}" for name in CONSTRAINTS[role]]
    command += ["--upgrade"] if upgrade else []
    environment = {**os.environ, "CUSTOM_COMPILE_COMMAND": "make requirements"}
    subprocess.run([*command, *INPUTS[role]], cwd=FOLDER, env=environment, check=True)
    output.write_text(without_build_tags(output.read_text()))


def without_build_tags(pins: str) -> str:
    """Drop what names one machine's build, as `torch==2.13.0+cpu` does, so that each machine chooses its own."""
    return re.sub(r"^([\w.-]+==[\w.]+)\+\w+", r"\1", pins, flags=re.MULTILINE)


def constraints() -> str:
    """Return the versions of what a site and a worker have, one a line."""
    pins = "".join((FOLDER / f"{role}.txt").read_text() for role in ("web", "worker"))
    lines = sorted({*re.findall(r"^[\w.-]+==[^\s;\\]+", pins, re.MULTILINE)})
    return "\n".join(["# Made by `make requirements`. To install a plugin:  pip install -c THIS-FILE …", *lines, ""])


if __name__ == "__main__":
    for role in INPUTS:
        pin(role, upgrade=bool(os.environ.get("UPGRADE")))
        print(f"requirements/{role}.txt")
    (FOLDER / "constraints.txt").write_text(constraints())
    print("requirements/constraints.txt")
