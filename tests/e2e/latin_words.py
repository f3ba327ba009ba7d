"""The words in Latin letters that a page shows or has read aloud: those of a page in Chinese are names."""

from playwright.sync_api import Page

FIND = """() => {
  const label = /^(aria-label|title|alt|placeholder|data-(say|label|user|system|assistant|unit).*)$/;
  const later = /^data-(filled|copied|stopping|running|broken|saved)$/;
  const apart = "code, pre, script, style, textarea, [lang=en], .manifest, .footer p";
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const isText = node.nodeType === Node.TEXT_NODE;
    if ((isText ? node.parentElement : node).closest(apart)) continue;
    const read = isText ? [] : [...node.attributes].filter(({ name }) => label.test(name) || later.test(name));
    texts.push(...(isText ? [node.data] : read.map(({ value }) => value)));
  }
  return texts.flatMap((text) => text.match(/[A-Za-z]{2,}/g) ?? []);
}"""


def latin_words(page: Page) -> set[str]:
    """Return them, also of what is hidden by now. Code, and what says that it is English, is left out."""
    return {*page.evaluate(FIND)}
