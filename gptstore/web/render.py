"""Renders the output of tools as HTML. A model wrote it: it is untrusted, and often cut off in the middle."""

import json

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from gptstore.sdk.output import OutputKind

MAX_RENDERED = 200_000
"""The limit in characters; longer outputs are shown as they are: markup of that size costs more than it helps."""

MARKDOWN_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
MARKDOWN_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"class"}, "pre": {"class"}}
LINK_SCHEMES = {"http", "https", "mailto"}


def render_output(kind: str, text: str, language: str = "") -> SafeString:
    """Return safe HTML for an output of this kind (`OutputKind`), whole or partial."""
    if len(text) > MAX_RENDERED:
        return render_plain(text, kind)
    match kind:
        case OutputKind.MARKDOWN:
            return render_markdown(text)
        case OutputKind.CODE:
            return render_code(text, language)
        case OutputKind.JSON:
            return render_json(text)
    return render_plain(text, kind)


def render_plain(text: str, kind: str = OutputKind.TEXT) -> SafeString:
    if kind in (OutputKind.CODE, OutputKind.JSON):
        return format_html('<pre class="highlight"><code>{}</code></pre>', text)
    return format_html('<div class="output-text">{}</div>', text)


def render_code(text: str, language: str) -> SafeString:
    return mark_safe(f'<pre class="highlight"><code>{highlighted(text, language)}</code></pre>')  # noqa: S308 - pygments escapes


def render_json(text: str) -> SafeString:
    """Indent the JSON when it is whole, else show it as it came."""
    try:
        return render_code(json.dumps(json.loads(text), indent=2, ensure_ascii=False), "json")
    except (ValueError, RecursionError):
        return render_plain(text, OutputKind.JSON)


def render_markdown(text: str) -> SafeString:
    """Render Markdown. HTML in it is shown as text, images are not loaded, and links send no referrer."""
    parser = (
        MarkdownIt("commonmark", {"html": False, "highlight": highlight_fence})
        .enable(["table", "strikethrough"])
        .disable("image")
    )
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = below_page_headings(token.tag)
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html,
        tags=MARKDOWN_TAGS,
        attributes=MARKDOWN_ATTRIBUTES,
        url_schemes=LINK_SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(f'<div class="prose">{clean}</div>')  # noqa: S308 - nh3 cleaned it


def below_page_headings(tag: str) -> str:
    """Return the heading's level below those of the page, which has its own h1 and h2."""
    return f"h{min(int(tag[1]) + 2, 6)}"


def highlight_fence(code: str, language: str, _attributes: str) -> str:
    return f'<pre class="highlight"><code>{highlighted(code, language)}</code></pre>'


def highlighted(code: str, language: str) -> str:
    lexer = find_lexer(language)
    if lexer is None:
        return str(escape(code))
    return highlight(code, lexer, HtmlFormatter(nowrap=True))


def find_lexer(language: str) -> Lexer | None:
    """Return the lexer; None when the language is unknown. It keeps blank lines: the code is copied as it is shown."""
    try:
        lexer: Lexer = get_lexer_by_name(language.strip().lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return None if isinstance(lexer, TextLexer) else lexer
