"""The commands that an author waits for: `new`, a reload of `dev`, `check`, `build`."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from bench.authors.projects import build_bundle, call, new_project
from bench.authors.sizes import Sizes
from bench.common.errors import NotMeasured
from bench.sandbox.report import Figure, Part
from harness.waiting import wait_until

AIMS = {"new": 2.0, "dev": 1.0, "check": 5.0, "build": 5.0}
RELOAD_SECONDS = 60.0


def measure_new(sizes: Sizes, folder: Path) -> Part:
    taken = [call("new", "owl-lines", "--folder", folder / f"new-{number}") for number in range(sizes.rounds)]
    return Part("new", [Figure.of("gptstore new", taken, "s", aim=AIMS["new"])])


def measure_check(sizes: Sizes, folder: Path) -> Part:
    project = new_project(folder)
    call("check", project)  # uv's cache is filled, and Python's compiled files are there
    taken = [call("check", project) for _ in range(sizes.rounds)]
    return Part("check", [Figure.of("gptstore check, a tool with two examples", taken, "s", aim=AIMS["check"])])


def measure_build(sizes: Sizes, folder: Path) -> Part:
    project = new_project(folder)
    build_bundle(project)
    taken = [call("build", project, "--force") for _ in range(sizes.rounds)]
    return Part("build", [Figure.of("gptstore build, warm", taken, "s", aim=AIMS["build"])])


def measure_dev(sizes: Sizes, folder: Path) -> Part:
    """Measure a reload, in the sandbox where there is one, and beside it with the author's own rights."""
    project, what = new_project(folder), "gptstore dev, from a save to the first text"
    ours, bare = (time_reloads(sizes, project, folder / f"said{flag}.txt", flag) for flag in ("", "--no-sandbox"))
    return Part("dev", [Figure.of(what, ours, "s", aim=AIMS["dev"]), Figure.of(f"{what}, --no-sandbox", bare, "s")])


def time_reloads(sizes: Sizes, project: Path, said: Path, flag: str) -> list[float]:
    """Return the seconds from each save to the first text of the new code."""
    answers = said.with_name("answers.txt")
    answers.write_text("The first answer.")
    module = project / "gptstore_owl_lines/tool.py"
    before = module.read_text(encoding="utf-8")
    arguments = [*filter(None, [flag]), "--watch", str(project), "--model", str(answers), "--text", "Hello"]
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gptstore.sdk.cli", "dev", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        wait_for(said, process, "Waiting for a save", 1)
        taken = []
        for number in range(sizes.rounds):
            word = f"round-{number}-is-here"
            began = perf_counter()
            module.write_text(before.replace("    for number, part in", f'    yield "{word}"\n    for number, part in'))
            wait_for(said, process, word, 1)
            taken.append(perf_counter() - began)
            wait_for(said, process, "Waiting for a save", number + 2)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        module.write_text(before, encoding="utf-8")
    return taken


def wait_for(said: Path, process: "subprocess.Popen[bytes]", text: str, count: int) -> None:
    """Wait until the command has printed the text so many times. Raises NotMeasured when it ends before."""

    def is_there() -> bool:
        printed = said.read_text(errors="replace")
        if printed.count(text) >= count:
            return True
        if process.poll() is not None:
            raise NotMeasured(f"gptstore dev ended: {printed.strip()[-300:]}")
        return False

    wait_until(is_there, f"{text!r} of gptstore dev", RELOAD_SECONDS, every=0.005)
