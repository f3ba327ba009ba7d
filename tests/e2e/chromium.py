"""The system's Chromium, driven by Playwright, which downloads nothing."""

import os

from playwright.sync_api import Browser, Playwright

from harness.chromium import find_chromium

FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


def launch(playwright: Playwright) -> Browser:
    """Raises FileNotFoundError when there is none."""
    chromium = find_chromium()
    if chromium is None:
        raise FileNotFoundError("Chromium is not on this machine")
    no_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox does not work for root
    return playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *no_sandbox])
