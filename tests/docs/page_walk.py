"""Walks a page of docs/ as its reader does: writes its files and runs its commands, in order, in one folder.

A block of code with `title="PATH"` is that file. A `console` block has commands behind `$`, and what each prints below
it, whole; `…` stands for a text. `setup` marks commands that only a reader has to run, `status="2"` how they end.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(?P<language>\w+)(?P<marks>[^\n]*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A file to write, by its path, or a command to run, with what it prints."""

    text: str
    file: str = ""
    printed: str = ""
    status: int = 0


def read_steps(page: str) -> Iterator[Step]:
    for block in BLOCK.finditer(page):
        marks, code = block["marks"], block["code"]
        if title := re.search(r'title="([^"]+)"', marks):
            yield Step(code, file=title[1])
        elif block["language"] == "console" and "setup" not in marks.split():
            status = re.search(r'status="(\d+)"', marks)
            for command in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
                line, _, printed = command.partition("\n")
                yield Step(line, printed=printed.strip(), status=int(status[1]) if status else 0)


class Reader:
    """A reader in a folder of their own. folder: where they are now, which `cd` changes."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)

    def follow(self, step: Step) -> None:
        """Do what the page says. Raises AssertionError where something else comes than the page shows."""
        if step.file:
            (self.folder / step.file).write_text(step.text, encoding="utf-8")
        elif step.text.startswith("cd "):
            self.folder /= step.text.removeprefix("cd ")
        else:
            self.run(step)

    def run(self, step: Step) -> None:
        done = subprocess.run(
            ["bash", "-c", step.text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        both = f"{done.stdout.strip()}\n{done.stderr.strip()}".strip()
        assert done.returncode == step.status, f"$ {step.text}\n{both}"
        pattern = ".+".join(map(re.escape, step.printed.split("…")))
        shown = any(re.fullmatch(pattern, text, re.DOTALL) for text in (both, done.stdout.strip()))
        assert shown, f"$ {step.text}\nprints\n{both}\nand not, as the page says,\n{step.printed}"
