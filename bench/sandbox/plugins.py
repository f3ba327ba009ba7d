"""The plugins of the benchmark, installed: a folder for PYTHONPATH with modules and their metadata."""

from pathlib import Path

from tests.services.process import ROOT

TOOLS, HOSTILE = "bench-tools", "gptstore-hostile"
"""One with tools that do next to nothing, and the hostile one of `tests/worker/hosts/sandbox`."""

MODULES = {
    TOOLS: (ROOT / "bench/sandbox/plugin/bench_tools.py", "bench_tools"),
    HOSTILE: (ROOT / "tests/worker/hosts/sandbox/hostile/gptstore_hostile", "gptstore_hostile.plugin"),
}


def install(folder: Path) -> Path:
    """Returns what is to be on PYTHONPATH. Whoever runs the hosts can read it."""
    folder.chmod(0o755)
    for name, (code, entry) in MODULES.items():
        (folder / code.name).symlink_to(code)
        described = folder / f"{name.replace('-', '_')}-1.dist-info"
        described.mkdir(0o755)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\nSummary: Of a benchmark.\n"
        (described / "METADATA").write_text(metadata, encoding="utf-8")
        (described / "entry_points.txt").write_text(f"[gptstore]\n{entry.partition('.')[0]} = {entry}\n")
    return folder
