"""The language of a request: the one that was chosen on the page, else the browser's."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any, Self

from starlette.datastructures import Headers
from starlette.responses import Response

from gptstore.sdk.dev.page.html import draw
from gptstore.sdk.form.localized_schema import find_texts, localize_schema
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.texts import base_text
from gptstore.sdk.translation import Translation, translation_into

LANGUAGES = {"en": "English", "zh-hans": "简体中文"}
"""The names of the languages of the page in themselves, by their codes, as a store has them."""

COOKIE = "gptstore-dev-language"
SECONDS = 31_536_000
MAX_HEADER = 500

_ENTRY = re.compile(r"\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Locale:
    """A language, and what is shown in it."""

    language: str = "en"

    @classmethod
    def of(cls, headers: Headers) -> Self:
        """Return the one that a request asks for."""
        chosen = cookie_of(headers.get("cookie", ""), COOKIE)
        return cls(chosen if chosen in LANGUAGES else accepted_language(headers.get("accept-language", "")))

    @property
    def words(self) -> Translation:
        return translation_into(self.language)

    def draw(self, template: str, **values: Any) -> str:
        """Return the HTML of a template."""
        return draw(template, self.language, **values)

    def answer(self, content: str, status: int = 200, *, media_type: str = "text/html") -> Response:
        """Return a text in this language as an answer. What it depends on is said to whoever keeps it."""
        headers = {"Content-Language": self.language, "Vary": "Accept-Language, Cookie"}
        return Response(content, status, headers, media_type)

    def localize(self, tool: ToolManifest) -> ToolManifest:
        """Return the tool with its own texts in this language, as far as it has them; it takes the same inputs."""
        texts = find_texts(tool.translations, self.language)
        titles = [base_text(example.title) for example in tool.examples]
        changed = {
            "title": texts.get(tool.title, tool.title),
            "summary": texts.get(tool.summary, tool.summary),
            "description": texts.get(tool.description, tool.description),
            "input_schema": localize_schema(tool.input_schema, texts),
            "examples": [
                replace(example, title=texts.get(title, title))
                for example, title in zip(tool.examples, titles, strict=True)
            ],
        }
        return tool.model_copy(update=changed)


def accepted_language(header: str) -> str:
    """Return the language of the page that a browser likes best (RFC 9110), English where it likes none.

    Any Chinese is taken for the one that there is, as Django does.
    """
    wishes: list[tuple[float, str]] = []
    for entry in header[:MAX_HEADER].split(","):
        if (found := _ENTRY.fullmatch(entry)) is not None and (weight := float(found[2] or 1)) > 0:
            wishes.append((weight, found[1].lower()))
    for _weight, wish in sorted(wishes, key=lambda one: one[0], reverse=True):
        if wish == "*":
            break
        for language in LANGUAGES:
            if wish.partition("-")[0] == language.partition("-")[0]:
                return language
    return "en"


def cookie_of(header: str, name: str) -> str:
    """Return the value of a cookie, "" for one that is not there."""
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""
