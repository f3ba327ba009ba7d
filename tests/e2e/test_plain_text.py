import random
import re

from playwright.sync_api import Browser

from gptstore.sdk import md
from gptstore.sdk.render.markdown import render_markdown

SAMPLES = 100
SIGNS = [
    *(
        "__init__",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
        "&lt;b&gt;",
        "&amp;",
        "<b>",
        "</p>",
        "<script>alert(1)</script>",
        "[x](y)",
    ),
    *(
        "# ",
        "1. ",
        "- ",
        "> ",
        "---",
        "===",
        "|",
        "\\",
        "$",
        ":-",
        "http://example.org",
        "!",
        "(1,250)",
        "−12",
        "±0.5",
        "‰",
    ),
    *("शाहजहाँ", "非常好", "שָׁלוֹם", "cafe\u0301", "👩‍🚀", "word", " ", " ", "\n", "\n\n"),
]


def test_escaped_text_is_seen_as_it_is(browser: Browser) -> None:
    chance = random.Random(16)
    texts = ["".join(chance.choices(SIGNS, k=chance.randint(1, 12))) for _ in range(SAMPLES)]
    page = browser.new_page()
    seen = []
    for text in texts:
        page.set_content(f'<meta charset="utf-8">{render_markdown(md.escape(text), lambda code, label: code)}')
        seen.append(page.locator(".prose").inner_text())
    page.close()

    assert [lines(text) for text in seen] == [lines(text) for text in texts]


def lines(text: str) -> list[str]:
    """Return the lines without the spaces that no browser shows, and without empty ones at both ends."""
    return [re.sub(" +", " ", line).strip() for line in text.strip().split("\n")]
