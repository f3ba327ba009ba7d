"""`python -m gptstore.sdk.intake.run_examples FOLDER SECONDS`: runs a project's examples and prints how they ended."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from gptstore.sdk.declaration import Example
from gptstore.sdk.describe import print_description
from gptstore.sdk.errors import ToolError, ToolOutputError
from gptstore.sdk.intake.example_answers import ExampleModel
from gptstore.sdk.load_failure import find_place
from gptstore.sdk.project.load import load_project
from gptstore.sdk.project.reading import read_project
from gptstore.sdk.testing import run
from gptstore.sdk.texts import base_text
from gptstore.sdk.tools import Tool


@dataclass
class ExampleRun:
    """How an example's run ended. error: what is wrong, or ""; advised: the tool itself said so, by a ToolError."""

    slug: str
    title: str
    error: str = ""
    advised: bool = False
    ended: bool = False
    file: str = ""
    line: int = 0


def run_example(tool: Tool, example: Example, root: Path) -> ExampleRun:
    """Run the tool with the input of the example, on a scripted model."""
    done = ExampleRun(tool.slug, base_text(example.title))
    try:
        run(tool, example.input, model=ExampleModel(tool.output))
    except (ToolError, ToolOutputError) as error:
        done.error, done.advised = " ".join(str(error).split()), isinstance(error, ToolError)
        done.file, done.line = find_place(error, root)
    except BaseException as error:
        done.error = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
        done.file, done.line = find_place(error, root)
    done.ended = True
    return done


def run_bounded(tool: Tool, example: Example, root: Path, seconds: float) -> ExampleRun:
    """Run the example, but wait no longer than so many seconds for its end."""
    ended: list[ExampleRun] = []
    thread = Thread(target=lambda: ended.append(run_example(tool, example, root)), daemon=True)
    thread.start()
    thread.join(seconds)
    return ended[0] if ended else ExampleRun(tool.slug, base_text(example.title))


def main() -> None:
    project, seconds = read_project(Path(sys.argv[1])), float(sys.argv[2])

    def answer() -> dict[str, Any]:
        runs: list[ExampleRun] = []
        for tool in load_project(project).tools:
            for example in tool.examples:
                if runs and not runs[-1].ended:
                    break  # the one before still computes, and would take the time of this one
                runs.append(run_bounded(tool, example, project.folder, seconds))
        return {"runs": [asdict(one) for one in runs]}

    print_description(answer)


if __name__ == "__main__":
    main()
