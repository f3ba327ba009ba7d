"""axe-core, the accessibility checker, on a page as it stands."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")


def serious_findings(page: Page) -> list[str]:
    """Evaluated through the debugger, which no content policy stops."""
    page.evaluate(SOURCE)
    found: list[dict[str, Any]] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [describe(finding) for finding in found if finding["impact"] in SERIOUS]


def describe(finding: dict[str, Any]) -> str:
    places = "\n".join(f"    {node['html'][:200]}\n    {node['failureSummary']}" for node in finding["nodes"])
    return f"{finding['impact']} {finding['id']}: {finding['help']}\n{places}"
