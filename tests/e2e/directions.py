"""Measures in a browser in which direction its texts go: by where each is in its box, not by what a style says."""

from playwright.sync_api import Page

MEASURE = """(selector) => {
  const texts = (element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return nodes;
  };
  // The rectangles of each line of the source: text that is pre-wrapped has several paragraphs in one element.
  const lines = (element) => {
    const found = [[]];
    for (const node of texts(element)) {
      let start = 0;
      const pieces = node.data.split("\\n");
      pieces.forEach((piece, number) => {
        if (number) found.push([]);
        if (piece.trim()) {
          const range = document.createRange();
          range.setStart(node, start);
          range.setEnd(node, start + piece.length);
          found.at(-1).push(...range.getClientRects());
        }
        start += piece.length + 1;
      });
    }
    return found.filter((rects) => rects.length);
  };
  const direction = (rects, element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const first = rects.filter((rect) => Math.abs(rect.top - rects[0].top) < rects[0].height);
    const left = Math.min(...first.map((rect) => rect.left)) - box.left - parseFloat(style.paddingLeft);
    const right = box.right - parseFloat(style.paddingRight) - Math.max(...first.map((rect) => rect.right));
    return left <= right ? "ltr" : "rtl";
  };
  const leaves = [...document.querySelectorAll(selector)].filter((element) => !element.querySelector("p, li"));
  return leaves.flatMap((element) => {
    const keepsLines = element.matches(".output-body") || getComputedStyle(element).whiteSpace.startsWith("pre");
    const broken = keepsLines ? lines(element) : [lines(element).flat()];
    return broken.filter((rects) => rects.length).map((rects) => direction(rects, element));
  });
}"""


def directions(page: Page, selector: str) -> list[str]:
    """Return "ltr" or "rtl" for each text in the elements, in their order: the side of its box at which it begins."""
    measured: list[str] = page.evaluate(MEASURE, selector)
    return measured


def sides_of_marks(page: Page, selector: str) -> list[str]:
    """Return for each entry of a list the side at which there is room for its mark beside it, within the answer."""
    sides: list[str] = page.locator(selector).evaluate_all(
        """(entries) => entries.map((entry) => {
          const [inner, outer] = [entry, entry.closest(".prose")].map((element) => element.getBoundingClientRect());
          const [left, right] = [inner.left - outer.left, outer.right - inner.right];
          if (Math.max(left, right) < 20 || Math.min(left, right) < 0) return "none";
          return left > right ? "ltr" : "rtl";
        })"""
    )
    return sides


def side_of_bar(page: Page, selector: str) -> str:
    """Return the direction of a quote: the side of its bar."""
    widths: dict[str, str] = page.locator(selector).first.evaluate(
        "(quote) => { const style = getComputedStyle(quote); "
        "return { left: style.borderLeftWidth, right: style.borderRightWidth }; }"
    )
    return "ltr" if widths["left"] > widths["right"] else "rtl"


def order_of_columns(page: Page, selector: str) -> str:
    """Return the direction of a table: the side of its first column."""
    first, second = (page.locator(f"{selector} th").nth(number).bounding_box() for number in (0, 1))
    assert first and second
    return "ltr" if first["x"] < second["x"] else "rtl"
