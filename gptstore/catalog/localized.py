"""A tool's texts in a reader's language, as far as its plugin has them."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gptstore.sdk.form.localized_schema import Texts, find_texts, localize_schema

if TYPE_CHECKING:
    from gptstore.catalog.models import Tool


@dataclass(frozen=True)
class LocalizedTool:
    """A tool for readers of one language, as Django names it: "zh-hans"."""

    tool: "Tool"
    language: str

    @cached_property
    def texts(self) -> Texts:
        return find_texts(self.tool.translations, self.language)

    def text(self, text: str) -> str:
        return self.texts.get(text, text)

    @property
    def title(self) -> str:
        return self.text(self.tool.title)

    @property
    def summary(self) -> str:
        return self.text(self.tool.summary)

    @property
    def description(self) -> str:
        return self.text(self.tool.description)

    @property
    def input_schema(self) -> dict[str, Any]:
        return localize_schema(self.tool.input_schema, self.texts)

    @property
    def settings_schema(self) -> dict[str, Any]:
        return localize_schema(self.tool.settings_schema or {}, self.texts)

    @property
    def examples(self) -> list[dict[str, Any]]:
        return [{**example, "title": self.text(example["title"])} for example in self.tool.examples]
