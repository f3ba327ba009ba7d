"""A tool that does nothing, installed for one stage: a folder for PYTHONPATH with a module and its metadata."""

from pathlib import Path

SLUG = "noop"

MODULE = '''\
from collections.abc import Iterator

from gptstore.sdk import Context, LongText, Tool, hookimpl, tool


@tool(title="Nothing", slug="noop", category="writing")
def noop(ctx: Context, text: LongText) -> Iterator[str]:
    """Says that it is done."""
    yield "Done."


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [noop]
'''
METADATA = """\
Metadata-Version: 2.1
Name: bench-noop
Version: 1.0
Summary: Does nothing
Author: The benchmark
"""
ENTRY_POINTS = "[gptstore]\nnoop = bench_noop\n"


def install(folder: Path) -> Path:
    """Returns what is to be on PYTHONPATH."""
    described = folder / "bench_noop-1.0.dist-info"
    described.mkdir(parents=True)
    (folder / "bench_noop.py").write_text(MODULE, encoding="utf-8")
    (described / "METADATA").write_text(METADATA, encoding="utf-8")
    (described / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    return folder
