"""Plugins that only tests and benchmarks install, and a folder for PYTHONPATH that has them as pip would."""

import os
from pathlib import Path
from textwrap import dedent

from harness.process import ROOT

HOSTILE = "gptstore-hostile"
"""The plugin that tries every way out of the sandbox and does all the harm it can."""

HOSTILE_CODE = ROOT / "harness/hostile"


def link_plugin(folder: Path, name: str, code: Path, entry_point: str) -> Path:
    """Link a module or a package into `folder`, with the metadata of a distribution, and return the folder.

    The folder is made when it is not there, and all users can read it.
    """
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    (folder / code.name).symlink_to(code)
    described = folder / f"{name.replace('-', '_')}-1.dist-info"
    described.mkdir(0o755)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\nSummary: Of tests and benchmarks.\n"
    (described / "METADATA").write_text(metadata, encoding="utf-8")
    (described / "entry_points.txt").write_text(f"[gptstore]\n{code.stem} = {entry_point}\n", encoding="utf-8")
    return folder


def write_plugin(folder: Path, name: str, code: str) -> None:
    """Write a plugin of one module, with the metadata of its distribution. All users can read it."""
    module = name.replace("-", "_")
    described = folder / f"{module}-1.dist-info"
    described.mkdir(0o755, parents=True)
    (folder / f"{module}.py").write_text(dedent(code), encoding="utf-8")
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
    (described / "entry_points.txt").write_text(f"[gptstore]\n{module} = {module}\n", encoding="utf-8")


def one_tool(slug: str, answer: str = "an answer") -> str:
    """Return the code of a plugin with one tool, which takes a text and says the same each time."""
    return f"""
from gptstore.sdk import Context, hookimpl, tool

@tool(slug={slug!r}, title="One", summary="Says the same each time.")
def one(ctx: Context, text: str = "") -> str:
    return {answer!r}

@hookimpl
def gptstore_tools():
    return [one]
"""


def link_hostile(folder: Path) -> Path:
    return link_plugin(folder, HOSTILE, HOSTILE_CODE / "gptstore_hostile", "gptstore_hostile.plugin")


def before_pythonpath(*folders: Path) -> str:
    """Return a PYTHONPATH with these folders before those of this process."""
    return os.pathsep.join(filter(None, [*map(str, folders), os.environ.get("PYTHONPATH", "")]))
