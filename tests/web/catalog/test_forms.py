"""A tool's form: what is drawn for a schema, and what a browser's text means as input."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from gptstore.sdk.form.choice_labels import choice_labels
from gptstore.sdk.form.properties import without_null
from gptstore.web.catalog.forms import ToolForm


def schema_of(required: list[str] | None = None, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def sent(schema: dict[str, Any], **values: str) -> ToolForm:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data[f"input-{name}"] = value
    form = ToolForm(schema, data)
    form.is_valid()
    return form


STRING = {"type": "string", "title": "Text"}
OPTIONAL_STRING = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Name"}
NUMBER = {"type": "integer", "title": "Times", "minimum": 1, "maximum": 9}
LINES = {"type": "array", "items": {"type": "string"}, "title": "Words"}
LENGTH = {"enum": ["short", "long"], "type": "string", "title": "Length", "default": "short"}


@pytest.mark.parametrize(
    ("prop", "kind"),
    [
        (STRING, "text"),
        ({**STRING, "x-widget": "longtext"}, "long"),
        (NUMBER, "number"),
        ({"type": "number", "title": "Heat"}, "number"),
        ({"type": "boolean", "title": "Polite", "default": False}, "switch"),
        (LINES, "lines"),
        (LENGTH, "segments"),
        ({"enum": list("abcde"), "type": "string", "title": "Letter"}, "select"),
        (OPTIONAL_STRING, "text"),
    ],
)
def test_each_kind_of_input_has_its_control(prop: dict[str, Any], kind: str) -> None:
    assert ToolForm(schema_of(x=prop)).fields["x"].kind == kind


def test_text_arrives_as_it_was_written_with_plain_line_ends() -> None:
    form = sent(schema_of(text=STRING), text="  a\r\nb  ")
    assert form.input == {"text": "  a\nb  "}


@pytest.mark.parametrize("blank", ["", "  \r\n "])
def test_a_required_text_that_is_blank_is_missing(blank: str) -> None:
    form = sent(schema_of(text=STRING), text=blank)
    assert form.error_of("text") == "This field is required."


def test_an_optional_value_that_is_left_empty_is_null() -> None:
    assert sent(schema_of([], name=OPTIONAL_STRING), name="").input == {"name": None}


def test_a_text_with_a_default_can_be_emptied() -> None:
    schema = schema_of([], ending={"type": "string", "title": "Ending", "default": "!"})
    assert sent(schema, ending="").input == {"ending": ""}


def test_a_number_that_is_left_empty_takes_its_default() -> None:
    assert sent(schema_of([], times={**NUMBER, "default": 3}), times="").input == {"times": 3}


@pytest.mark.parametrize(
    ("text", "error"), [("0", "At least 1."), ("10", "At most 9."), ("x", "Enter a whole number.")]
)
def test_a_number_out_of_its_limits_is_refused_once(text: str, error: str) -> None:
    form = sent(schema_of(times=NUMBER), times=text)
    assert form.errors["times"] == [error]


def test_limits_are_told_to_the_browser() -> None:
    html = str(ToolForm(schema_of(times=NUMBER))["times"])
    assert 'min="1"' in html
    assert 'max="9"' in html


def test_lines_become_a_list_without_the_blank_ones() -> None:
    assert sent(schema_of(words=LINES), words="one\r\n\r\n two \n").input == {"words": ["one", "two"]}


def test_a_choice_keeps_the_type_of_its_value() -> None:
    schema = schema_of(size={"enum": [1, 2], "type": "integer", "title": "Size"})
    assert sent(schema, size="2").input == {"size": 2}


def test_a_choice_that_does_not_exist_is_refused() -> None:
    assert sent(schema_of(length=LENGTH), length="huge").errors["length"]


def test_a_switch_that_is_off_is_false() -> None:
    schema = schema_of(polite={"type": "boolean", "title": "Polite", "default": True})
    assert sent(schema).input == {"polite": False}
    assert sent(schema, polite="on").input == {"polite": True}


def test_language_codes_read_as_names_only_among_themselves() -> None:
    languages = ToolForm(schema_of(into={"enum": ["detect", "de", "fr"], "type": "string", "title": "Into"}))
    words = ToolForm(schema_of(word={"enum": ["de", "which"], "type": "string", "title": "Word"}))
    assert [label for _, label in languages.fields["into"].choices] == ["Detect", "German", "French"]
    assert [label for _, label in words.fields["word"].choices] == ["De", "Which"]


def test_languages_are_named_in_the_language_of_the_reader() -> None:
    with translation.override("zh-hans"):
        assert choice_labels(["detect", "en", "de", "zh"], translation) == {
            "detect": "自动检测",
            "en": "英语",
            "de": "德语",
            "zh": "中文",
        }


def test_programming_languages_are_spelled_as_people_do_only_among_themselves() -> None:
    code = {"cpp": "C++", "javascript": "JavaScript", "sql": "SQL", "rust": "Rust"}
    assert choice_labels(code) == code
    assert choice_labels(["bugs", "sql", "style_of_code"]) == {
        "bugs": "Bugs",
        "sql": "Sql",
        "style_of_code": "Style of code",
    }


def test_values_of_an_earlier_run_are_shown_and_unknown_ones_left_out() -> None:
    form = ToolForm(schema_of(words=LINES, length=LENGTH), values={"words": ["a", "b"], "gone": 1})
    assert form.controls() == {"input-words": "a\nb", "input-length": "short"}


def test_an_input_may_be_named_like_a_part_of_the_form() -> None:
    assert sent(schema_of(submit=STRING, action=STRING), submit="a", action="b").input == {"submit": "a", "action": "b"}


def test_a_text_that_is_too_long_is_not_cut_but_refused() -> None:
    schema = schema_of(text={**STRING, "maxLength": 3})
    assert "maxlength" not in str(ToolForm(schema)["text"])
    assert sent(schema, text="abcd").error_of("text") == "At most 3 characters; this has 4."


def test_errors_are_named_by_the_control() -> None:
    html = str(sent(schema_of(text=STRING), text="")["text"])
    assert 'aria-describedby="id_input-text_error"' in html
    assert 'aria-invalid="true"' in html


def test_null_is_taken_off_an_optional_schema() -> None:
    assert without_null(OPTIONAL_STRING) == ({"type": "string", "default": None, "title": "Name"}, True)
