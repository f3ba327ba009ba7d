"""Finds literals: what stays as it is when a text is translated or rewritten, such as code, addresses and tags."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gptstore.sdk.lines import BREAKS

_STOPS = r"\s<>\"`^|«»\u2018-\u201f\u2026\u3000-\u301f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
_DOMAINS = """
ai app at au be br ca ch cn com de dev dk edu es eu fi fr gov hk ie in info int io it jp kr mil mx net nl no nz org pl
pt ru se tr tw ua uk us za
"""
_FILES = """
7z apk avi bat c cc cfg conf cpp cs css csv db dll doc docx env exe gif go gz h hpp htm html ini ipynb iso jar java jpeg
jpg js json jsx kt lock log md mov mp3 mp4 pdf php png po ppt pptx properties ps1 py rar rb rs rst sh so sql svg tar tex
tgz toml ts tsv tsx txt wav webp whl xls xlsx xml yaml yml zip
"""
_REST = (
    rf"(?:[/?\#][^{_STOPS}]*+)?"  # of an address: path, query, fragment (RFC 3986), also in other scripts (RFC 3987)
)
_SEGMENT = r"[\w.@+~%-]"

_PATTERNS = {
    # CommonMark: fences in quotes and lists too; a title underlined with tildes is none. It ends where `_end` says.
    "fence": rf"""(?:\A|(?<=[{BREAKS}])) [ \t>]*+ (?:(?:[-*+]|\d{{1,9}}[.)])[ \t]++)?
        (?P<run>`{{3,}}+|(?<![^\n\r]\n)(?<![^\n\r]\r\n)~{{3,}}+) [^`{BREAKS}]*+ (?=[{BREAKS}]|\Z)""",
    # CommonMark; not the backticks of French text that uses them as apostrophes
    "span": r"""(?<!`)(?:(?<![a-z\u00c0-\u024f])|(?=`++[^\s`]++`))(?P<ticks>`{1,3})(?!`)
        (?:[^`\n]|\n(?!\s*\n)|(?!(?P=ticks)(?!`))`++){1,1000}? (?P=ticks)(?!`)""",
    # HTML: elements of code, and those with translate="no"; comments, tags, references; ERB, PHP, XML declarations
    "element": r"""<(?: (?:script|style|pre|code|kbd|samp|svg|math)(?=[\s>])[^<>]*+
        | [a-z][\w-]{0,30}+\s(?=[^<>]{0,300}?\btranslate\s?=\s?["']?no\b)[^<>]*+ )(?<!/)>""",
    "tag": r"""<!--.{0,4000}?--> | <!\[CDATA\[.{0,4000}?\]\]> | <(?P<code>[?%]).{0,1000}?(?P=code)> | <![a-z][^<>]*+>
        | </?[a-z][\w:.-]*+ (?:[\s/]++[^\s"'<>/=]++ (?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'=<>`]++))?+)*+ [\s/]*+>
        | &(?:[a-z][a-z0-9]{1,31}|\#\d{1,7}|\#x[0-9a-f]{1,6});""",
    # Jinja, Mustache, ICU, str.format, shells, JavaScript, Ruby; braces around other prose are no placeholder
    "braces": r"""\{\{\{.{0,300}?\}\}\} | \{\{.{0,500}?\}\} | \{%.{0,500}?%\} | \{\#.{0,500}?\#\}
        | [$\#@%]?\{\s?[\w.$-]*+\s?,\s?(?:plural|select|selectordinal|number|date|time|choice|list|duration|ordinal)\b
            (?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\}
        | [$\#@%]\{[^{}\n]{1,200}\} | \{\s?[\w.$-]*+\s?\} | \{[^\s{}]{1,100}\} | \$\([\w.\ -]{1,60}\)""",
    "address": rf"""(?<![a-z0-9])[a-z][a-z0-9+.-]{{1,20}}+://[^{_STOPS}]++ | (?<![\w.@-])www\.[\w.-]++{_REST}
        | (?<!\w)(?:mailto|tel|sms|urn|doi|data|magnet|geo):[^{_STOPS}]++
        | (?<![\w.+%-])@?[\w.+%-]++@[\w-]++(?:\.[\w-]++)++(?::\w[\w.-]*+/[\w./-]*\w)?
        | (?<![\w.@-])(?:[a-z0-9-]{{1,63}}\.){{1,8}}?(?:{"|".join(_DOMAINS.split())})(?![\w-]|\.\w)
            (?::\d{{2,5}})?{_REST}""",
    "formula": r"""\$\$[^$]{1,2000}\$\$ | (?<![\w$\\])\$(?=[^\s\d$])[^$\n]{0,200}(?<![\s\\])\$(?!\d)
        | \\\([^\n]{1,300}?\\\) | \\\[.{1,1000}?\\\]""",
    # C's printf, Python, Objective-C, Qt, Symfony, strftime; not the per cent sign after a number
    "printf": r"""%% | %\([\w.\ -]{1,60}\)[-\#0+]*+\d*+(?:\.\d+)?[a-z]++ | %<\w+>[-\#0+\d.]*+[a-z]++
        | (?<!\d)%(?:\w{2,40}% | (?:\d+\$)?[-+\#0]*+(?:\*|\d+)?(?:\.(?:\*|\d+))?[a-z@][a-z]*+ | \d{1,2}(?!\d))""",
    # Markdown: the target of a link, the name of a reference or a footnote
    "target": r"(?<=\]\()[^()\s]++ | (?<=\])\[[^\]\s]{1,80}\] | \[\^[^\]\s]{1,40}\]",
    "path": rf"""(?<![\w.:/@+~%\\-])(?: [a-z]:\\(?:[\w.()&+-]++(?:\ [\w.()&+-]++){{0,4}}\\)*+[\w.-]*+
        | \\\\[\w.-]++(?:\\[\w.$-]++)++
        | (?:~|\.\.?)?(?:/{_SEGMENT}++){{2,}}+/? | (?:~|\.\.?)/{_SEGMENT}++ | /[\w.-]{{3,}}+
        | (?:(?:{_SEGMENT}++/)++[\w-][\w.-]*?|[\w-][\w.-]+?)\.(?:{"|".join(_FILES.split())})(?![\w-]|\.\w) )""",
    # variables, hashtags, handles, options, calls and names of programs, UUIDs, escapes
    "name": r"""\$[a-z_]\w*+ | \[\[[\w.\ -]{1,60}\]\] | <<[\w.\ -]{1,60}>> | (?-i:__[A-Z][A-Z0-9_]*?__)(?!\w)
        | (?<![\w:]):[a-z]\w*+:?(?!\w) | (?<![\w/&\#])\#\w++ | (?<![\w@.])@[a-z_][\w.-]*+(?:/[\w.-]++)*+
        | (?<![\w/])[ur]/\w{3,} | (?<![\w-])--[a-z][\w-]*+ | (?<![\w.])\w++(?:\.\w++)*+\(\)
        | (?<![\w-])[^\W_]++(?:_++[^\W_]++)++(?!\w) | (?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\w)
        | (?-i:\\[nrt](?![a-z]))""",
}
_LITERAL = re.compile(
    "|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()), re.IGNORECASE | re.DOTALL | re.VERBOSE
)
_NUMBER = re.compile(r"(?:(?<![\w.)\]])[-+±\u2212])?\d+(?:[.,'’\u00a0\u2009\u202f:/-]\d+)*")
_CLOSED_BY = {")": "(", "]": "[", "}": "{"}

Span = tuple[int, int]


def find_literals(text: str) -> list[Span]:
    """Return the begin and end of each literal of a text, in its order; those that touch are one.

    Literals are code, formulas, HTML and XML tags, placeholders of templates, addresses, paths, handles and names of
    programs. Time grows linearly with the text.
    """
    spans: list[Span] = []
    unclosed: set[str] = set()
    start = 0
    while (found := _LITERAL.search(text, start)) is not None:
        start = _end(text, found, unclosed)
        spans.append((found.start(), start))
    return join_touching(spans)


def join_touching(spans: Iterable[Span]) -> list[Span]:
    """Return the spans with those joined that touch."""
    joined: list[Span] = []
    for begin, end in spans:
        if joined and joined[-1][1] == begin:
            begin = joined.pop()[0]
        joined.append((begin, end))
    return joined


def find_numbers(text: str) -> list[str]:
    """Return the numbers of a text as they are written, with their signs and separators, in digits of any script."""
    return _NUMBER.findall(text)


def _end(text: str, found: re.Match[str], unclosed: set[str]) -> int:
    """Return where the literal ends: a block's end is searched, punctuation after an address is not part of it."""
    if found.lastgroup == "fence":
        close = rf"[{BREAKS}][ \t>]*+{re.escape(found['run'])}{re.escape(found['run'][0])}*+[ \t]*+(?=[{BREAKS}]|\Z)"
    elif found.lastgroup == "element":
        name = re.split(r"[\s>]", found[0][1:])[0].lower()
        close = rf"</{name}\s*+>"
    elif found.lastgroup in ("address", "path", "target"):
        return found.start() + max(len(_without_punctuation(found[0])), 1)
    else:
        return found.end()
    if close in unclosed:
        return found.end()
    end = re.compile(close, re.IGNORECASE).search(text, found.end())
    if end is None:
        unclosed.add(close)
        return len(text) if found.lastgroup == "fence" and "`" in found["run"] else found.end()
    return end.end()


def _without_punctuation(address: str) -> str:
    """Return an address without what follows it in its sentence (GitHub Flavored Markdown, extended autolinks)."""
    while address:
        last = address[-1]
        opener = _CLOSED_BY.get(last)
        if last not in ".,:;!?'*_~" and (opener is None or address.count(opener) >= address.count(last)):
            break
        address = address[:-1]
    return address
