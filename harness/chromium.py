"""The system's own Chromium: nothing is downloaded."""

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> Path | None:
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)
