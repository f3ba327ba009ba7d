"""A tool's texts in the reader's language."""

import pytest
from django.utils import translation

from gptstore.catalog.models import Tool
from gptstore.sdk.form.localized_schema import find_texts, localize_schema

CHINESE = {"Toast": "祝酒词", "Mood": "语气", "Warm": "温馨", "dry": "冷静", "More": "更多", "Street": "街道"}
SCHEMA = {
    "type": "object",
    "properties": {
        "mood": {
            "title": "Mood", "x-group": "More", "type": "string", "enum": ["warm", "dry", "odd"],
            "x-labels": {"warm": "Warm"},
        },
        "many": {"title": "Many", "type": "array", "items": {"type": "string", "enum": ["dry"]}},
        "host": {"title": "Host", "type": "object", "properties": {"street": {"title": "Street", "type": "string"}}},
        "maybe": {"title": "Maybe", "anyOf": [{"type": "string", "enum": ["dry"]}, {"type": "null"}]},
    },
    "required": ["mood"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "found"),
    [("zh-hans", "简"), ("zh-hant", "中"), ("zh", "中"), ("pt-br", "BR"), ("pt-pt", ""), ("en", ""), ("", "")],
)
def test_the_nearest_language_is_taken(language: str, found: str) -> None:
    translations = {"zh-Hans": {"a": "简"}, "zh": {"a": "中"}, "pt-BR": {"a": "BR"}}

    assert find_texts(translations, language).get("a", "") == found


def test_titles_groups_and_choices_of_a_schema_are_translated_and_nothing_else() -> None:
    localized = localize_schema(SCHEMA, CHINESE)

    properties = localized["properties"]
    assert (properties["mood"]["title"], properties["mood"]["x-group"]) == ("语气", "更多")
    assert properties["mood"]["x-labels"] == {"warm": "温馨", "dry": "冷静"}
    assert properties["many"]["x-labels"] == properties["maybe"]["x-labels"] == {"dry": "冷静"}
    assert properties["host"]["properties"]["street"]["title"] == "街道"
    assert properties["mood"]["enum"] == ["warm", "dry", "odd"]
    assert localized["required"] == ["mood"]
    assert SCHEMA["properties"]["mood"]["title"] == "Mood"  # type: ignore[index]


def test_without_translations_a_tool_says_what_it_said() -> None:
    tool = Tool(title="Toast", summary="Write a toast.", input_schema=SCHEMA, examples=[{"title": "A", "input": {}}])

    with translation.override("zh-hans"):
        assert (tool.localized.title, tool.localized.examples[0]["title"]) == ("Toast", "A")
        assert tool.localized.input_schema is SCHEMA


def test_a_tool_follows_the_language_that_is_active() -> None:
    tool = Tool(title="Toast", translations={"zh-Hans": CHINESE})

    with translation.override("zh-hans"):
        assert tool.localized.title == "祝酒词"
    with translation.override("en"):
        assert tool.localized.title == "Toast"
