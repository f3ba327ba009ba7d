"""Records how long the shown answer was, each time it changed before its run had ended."""

from playwright.sync_api import BrowserContext, Page

RECORD = """
new MutationObserver(() => {
  const run = document.querySelector("#run");
  const length = document.querySelector("#output")?.textContent.trim().length;
  if (!run || run.dataset.final === "true" || !length) return;
  const lengths = (window.lengthsOfAnswer ??= []);
  if (lengths.at(-1) !== length) lengths.push(length);
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


def record_growth(context: BrowserContext) -> None:
    context.add_init_script(RECORD)


def lengths_of_answer(page: Page) -> list[int]:
    lengths: list[int] = page.evaluate("window.lengthsOfAnswer ?? []")
    return lengths
