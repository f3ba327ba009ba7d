"""Pins every requirement with its hashes: `make requirements` writes requirements/*.txt from the .in files.

constraints.txt has the versions of web.txt and worker.txt without hashes: for `pip install -c` of plugins.

`make requirements UPGRADE=1` takes the newest releases; without it, pins change only where the .in files ask for it.
The pins hold for every platform and Python that the store runs on. PyTorch has a file of its own, with the CUDA
libraries that its builds for Linux bring: a machine may take another build, which has other hashes.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "requirements"
APART = FOLDER / "torch.txt"
INPUTS = {
    "web": ["web.in"],
    "worker": ["web.in", "worker.in"],
    "s3": ["s3.in"],
    "dev": ["s3.in", "dev.in"],
}
PINNED = ["web.txt", "worker.txt", APART.name]
CONSTRAINTS = {"web": [], "worker": ["web.txt"], "s3": PINNED, "dev": PINNED}
OPTIONS = [
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--strip-extras",
    "--no-annotate",
]
REQUIREMENT = re.compile(r"^\S+==[^\n]*\n(?: +--hash=[^\n]*\n)+", re.MULTILINE)
TORCH = re.compile(r"(torch|triton|cuda-[\w-]+|nvidia-[\w-]+)==")


def pin(role: str, upgrade: bool) -> None:
    output = FOLDER / f"{role}.txt"
    command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, f"--output-file={output.name}"]
    command += [f"--constraint={name}" for name in CONSTRAINTS[role]]
    command += ["--upgrade"] if upgrade else []
    environment = {**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "make requirements"}
    if role == "worker" and output.exists() and APART.exists():  # uv keeps the pins that it finds in its output
        output.write_text(output.read_text() + APART.read_text())
    subprocess.run([*command, *INPUTS[role]], cwd=FOLDER, env=environment, check=True)
    rest, torch = split_torch(output.read_text())
    output.write_text(rest)
    if role == "worker":
        APART.write_text(torch)


def split_torch(pins: str) -> tuple[str, str]:
    """Return the pins without PyTorch and the libraries that come with it, and those alone. Both have the head."""
    head = pins[: pins.index(next(REQUIREMENT.finditer(pins))[0])]
    found = REQUIREMENT.findall(pins)
    torch = [pin for pin in found if TORCH.match(pin)]
    return head + "".join(pin for pin in found if pin not in torch), head + "".join(torch)


def constraints() -> str:
    """Return the versions of what a site and a worker have, one a line."""
    pins = "".join((FOLDER / f"{role}.txt").read_text() for role in ("web", "worker", "torch"))
    lines = sorted({*re.findall(r"^[\w.-]+==[^\s;\\]+", pins, re.MULTILINE)})
    return "\n".join(["# Made by `make requirements`. To install a plugin:  pip install -c THIS-FILE …", *lines, ""])


if __name__ == "__main__":
    for role in INPUTS:
        pin(role, upgrade=bool(os.environ.get("UPGRADE")))
        print(f"requirements/{role}.txt")
    (FOLDER / "constraints.txt").write_text(constraints())
    print("requirements/constraints.txt")
