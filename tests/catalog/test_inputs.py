"""Every rule of a tool's schema, and what it tells the person whose input breaks it."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.utils import translation

from gptstore.catalog import inputs
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input


def schema(required: list[str] | None = None, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def problems(rules: dict[str, Any], data: object) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidInput) as refused:
        check_input(rules, data)
    return [(error["field"], error["code"], error["message"]) for error in refused.value.errors]


@pytest.mark.parametrize(
    ("rule", "value", "code", "message"),
    [
        ({"type": "string"}, 5, "type", "This must be a text."),
        ({"type": "integer"}, "5", "type", "This must be a whole number."),
        ({"type": "integer"}, 1.5, "type", "This must be a whole number."),
        ({"type": "integer"}, True, "type", "This must be a whole number."),
        ({"type": "number"}, "5", "type", "This must be a number."),
        ({"type": "boolean"}, "yes", "type", "This must be true or false."),
        ({"type": "string", "enum": ["a", "b"]}, "c", "enum", "Choose one of: a, b."),
        ({"type": "string", "enum": ["a", "b"]}, 7, "enum", "Choose one of: a, b."),
        ({"type": "string", "minLength": 1}, "", "minLength", "This field is required."),
        ({"type": "string", "minLength": 3}, "ab", "minLength", "At least 3 characters."),
        ({"type": "string", "maxLength": 1}, "ab", "maxLength", "At most 1 character; this has 2."),
        ({"type": "string", "maxLength": 3}, "汉字汉字", "maxLength", "At most 3 characters; this has 4."),
        ({"type": "string", "pattern": "^a+$"}, "b", "pattern", "This must match the pattern ^a+$."),
        ({"type": "integer", "minimum": 1}, 0, "minimum", "At least 1."),
        ({"type": "integer", "maximum": 9}, 10, "maximum", "At most 9."),
        ({"type": "number", "exclusiveMinimum": 0}, 0, "exclusiveMinimum", "More than 0."),
        ({"type": "number", "exclusiveMaximum": 2.5}, 2.5, "exclusiveMaximum", "Less than 2.5."),
        ({"type": "array", "items": {"type": "string"}}, "a", "type", "This must be a list."),
        ({"type": "array", "items": {"type": "string"}}, ["a", 2], "type", "Entry 2: This must be a text."),
        ({"type": "array", "minItems": 1}, [], "minItems", "At least 1 entry."),
        ({"type": "array", "maxItems": 2}, [1, 2, 3], "maxItems", "At most 2 entries."),
    ],
)
def test_each_rule_says_what_to_do(rule: dict[str, Any], value: object, code: str, message: str) -> None:
    assert problems(schema(it=rule), {"it": value}) == [("it", code, message)]


def test_a_good_input_passes_unchanged() -> None:
    rules = schema(text={"type": "string"}, words={"type": "array", "items": {"type": "string"}}, n={"type": "integer"})
    data = {"text": "汉字 😀\n", "words": ["a", "b"], "n": 3}
    assert check_input(rules, data) == data


def test_defaults_are_filled_in_and_given_values_win() -> None:
    rules = schema(["text"], text={"type": "string"}, length={"type": "string", "default": "medium"})
    assert check_input(rules, {"text": "a"}) == {"text": "a", "length": "medium"}
    assert check_input(rules, {"text": "a", "length": "short"}) == {"text": "a", "length": "short"}


def test_an_input_without_default_that_is_not_required_stays_out() -> None:
    assert check_input(schema([], note={"type": "string"}), {}) == {}


def test_the_input_given_is_not_changed() -> None:
    data: dict[str, Any] = {}
    check_input(schema([], length={"type": "string", "default": "medium"}), data)
    assert data == {}


OPTIONAL = {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "default": None}


@pytest.mark.parametrize("value", [None, "abc"])
def test_an_optional_input_may_be_null_or_a_value(value: str | None) -> None:
    assert check_input(schema([], note=OPTIONAL), {"note": value}) == {"note": value}


def test_an_optional_input_defaults_to_null() -> None:
    assert check_input(schema([], note=OPTIONAL), {}) == {"note": None}


def test_an_optional_input_tells_the_rule_and_not_the_null() -> None:
    assert problems(schema([], note=OPTIONAL), {"note": "abcd"}) == [
        ("note", "maxLength", "At most 3 characters; this has 4.")
    ]
    assert problems(schema([], note=OPTIONAL), {"note": 5}) == [("note", "type", "This must be a text.")]


def test_an_optional_choice_names_the_choices() -> None:
    choice = {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}], "default": None}
    assert problems(schema([], pick=choice), {"pick": "z"}) == [("pick", "enum", "Choose one of: a, b.")]


def test_every_missing_input_is_named() -> None:
    rules = schema(text={"type": "string"}, question={"type": "string"})
    assert problems(rules, {}) == [
        ("text", "required", "This field is required."),
        ("question", "required", "This field is required."),
    ]


def test_every_unknown_input_is_named_with_the_known_ones() -> None:
    rules = schema(text={"type": "string"}, tone={"type": "string"})
    message = "There is no such field. Known fields: text, tone."
    assert problems(rules, {"text": "a", "tone": "b", "txt": 1, "tune": 2}) == [
        ("txt", "unknown", message),
        ("tune", "unknown", message),
    ]


def test_errors_come_in_the_order_of_the_form_and_unknown_ones_last() -> None:
    rules = schema(first={"type": "string"}, second={"type": "integer"}, third={"type": "string"})
    found = problems(rules, {"zzz": 1, "third": 5, "second": "x"})
    assert [field for field, _code, _message in found] == ["first", "second", "third", "zzz"]


def test_one_input_has_one_error() -> None:
    rule = {"type": "string", "minLength": 3, "pattern": "^a+$"}
    assert problems(schema(it=rule), {"it": "b"}) == [("it", "minLength", "At least 3 characters.")]


@pytest.mark.parametrize("data", [None, 5, "text", ["text"], True])
def test_an_input_that_is_no_object_is_refused(data: object) -> None:
    assert problems(schema(text={"type": "string"}), data) == [
        ("", "type", "The input must be an object with one entry for each field.")
    ]


CANNOT_BE_KEPT = "This holds a character or a number that cannot be kept, such as NUL. Remove it."


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "ok \udfff", "\ude00\ud83d"])
def test_text_that_the_database_cannot_hold_is_refused(text: str) -> None:
    assert problems(schema(text={"type": "string"}), {"text": text}) == [("text", "characters", CANNOT_BE_KEPT)]


def test_such_text_inside_a_list_is_refused_too() -> None:
    rules = schema(words={"type": "array", "items": {"type": "string"}})
    assert problems(rules, {"words": ["fine", "a\0"]}) == [("words", "characters", CANNOT_BE_KEPT)]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_cannot_hold_are_refused(number: float) -> None:
    assert problems(schema(n={"type": "number"}), {"n": number}) == [("n", "characters", CANNOT_BE_KEPT)]


def test_the_name_of_an_unknown_input_can_always_be_shown() -> None:
    (found,) = problems(schema(), {"a\0\ud800": 1})
    assert found[0] == "a??"
    found[0].encode()


def test_nesting_without_end_is_refused_and_not_a_crash() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    (found,) = problems(schema(words={"type": "array", "items": {"type": "string"}}), {"words": deep})
    assert found[1] in {"depth", "type"}


def test_the_exception_reads_as_a_sentence() -> None:
    with pytest.raises(InvalidInput, match=r"^text: This field is required\.$"):
        check_input(schema(text={"type": "string"}), {})


RULES = schema(["text"], text={"type": "string"}, length={"type": "string", "default": "medium"})


def test_what_was_checked_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = check_input(RULES, {"text": "a"})
    monkeypatch.setattr(inputs, "find_errors", None)
    assert check_input(RULES, checked) is checked


def test_what_was_checked_against_another_schema_is_checked_again() -> None:
    checked = check_input(schema(number={"type": "integer"}), {"number": 5})
    assert [code for _field, code, _message in problems(RULES, checked)] == ["required", "unknown"]


def test_a_checked_input_reads_like_the_input() -> None:
    checked = check_input(RULES, {"text": "a"})
    assert dict(checked) == {"text": "a", "length": "medium"}
    with pytest.raises(TypeError):
        checked["text"] = "b"  # type: ignore[index]


def test_the_sentences_are_in_the_language_of_the_reader() -> None:
    rules = schema(text={"type": "string", "maxLength": 1}, words={"type": "array", "items": {"type": "string"}})
    with translation.override("zh-hans"):
        found = problems(rules, {"text": "ab", "words": [1]})
    messages = [message for _field, _code, message in found]
    assert messages == ["最多 1 个字符，当前为 2 个。", "第 1 项：此项必须是文本。"]


@pytest.mark.timeout(60)
def test_a_pattern_of_a_hostile_author_does_not_hold_the_site() -> None:
    rule = {"type": "string", "pattern": "^(a+)+$"}
    text = "a" * 60 + "!"
    assert problems(schema(it=rule), {"it": text}) == [("it", "pattern", "This must match the pattern ^(a+)+$.")]


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef", "$schema"])
def test_a_schema_has_the_site_fetch_nothing(keyword: str) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/schema"
        assert check_input(schema(it={keyword: address}), {"it": "a"}) == {"it": "a"}
        server.shutdown()
    assert asked == []


def test_every_keyword_of_the_sdk_is_checked() -> None:
    assert set(inputs.InputValidator.VALIDATORS) == inputs.KEYWORDS
