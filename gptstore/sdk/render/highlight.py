"""Colours code, by classes alone."""

from __future__ import annotations

from functools import cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

from gptstore.sdk.render.budget import beyond_budget
from gptstore.sdk.render.languages import find_language

MAX_HIGHLIGHTED = 50_000
"""The limit of one block of code in characters; a longer one is shown as it is."""

OF_OTHERS = "<script>a()</script><style>b {}</style>"
"""Code that the lexer of HTML gives to other lexers, which compile their expressions when they first get some."""


def highlighted(code: str, label: str) -> str:
    """Return the code as HTML; escaped only, when it is too long or in no language that `find_language` knows."""
    language = find_language(label)
    if language is None or len(code) > MAX_HIGHLIGHTED:
        return escape(code)
    return highlight(code, load_lexer(language.lexer), HtmlFormatter(nowrap=True))


@cache
def load_lexer(name: str) -> Lexer:
    """Return the lexer with its expressions compiled. It keeps blank lines: the code is copied as it is shown."""
    with beyond_budget():
        lexer: Lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
        list(lexer.get_tokens(OF_OTHERS))
    return lexer


def code_block(html: str) -> str:
    return f'<pre class="highlight" dir="ltr"><code>{html}</code></pre>'
