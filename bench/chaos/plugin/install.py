"""Puts the plugin into a folder for PYTHONPATH, as pip would: the module, and what it says about itself."""

import shutil
from pathlib import Path

MODULE = "gptstore_chaos"
METADATA = "Metadata-Version: 2.1\nName: gptstore-chaos\nVersion: 1.0\nSummary: Says words that are known before\n"
ENTRY_POINTS = f"[gptstore]\nchaos = {MODULE}.plugin\n"


def install(folder: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(__file__).parent / MODULE, folder / MODULE, ignore=ignored)
    information = folder / f"{MODULE}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA, encoding="utf-8")
    (information / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
