"""The flags of a tool: made from a JSON Schema, and read back into an input, without a store."""

from typing import Any

import pytest

from gptstore.sdk.cli.errors import InputError, UsageError
from gptstore.sdk.cli.flag_values import as_file, check_complete, find_missing, read_input, read_pipe, read_whole
from gptstore.sdk.cli.flags import Flag, read_flags
from gptstore.sdk.cli.tool_command import call_tool_command, describe
from tests.every_input import every_input


class Files:
    """Files that a test names."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts

    def text(self, name: str) -> str:
        return self.texts[name]

    def data(self, name: str) -> bytes:
        return self.texts[name].encode()


def schema(*required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


TEXT = {"type": "string", "title": "Text"}
SWITCH = {"type": "boolean", "title": "Switch"}
CHOICES = {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "title": "Several"}
MESSAGES = {"type": "array", "items": {"type": "object"}, "title": "Conversation", "x-widget": "messages"}
FILE = {"oneOf": [{"type": "string"}, {"type": "object"}], "x-file": "document"}
ADDRESS = schema("city", city=TEXT, zip_code=TEXT)


def one(described: dict[str, Any], name: str = "value") -> Flag:
    [flag] = read_flags(schema(**{name: described}))
    return flag


def read(described: dict[str, Any], typed: object, **files: str) -> Any:
    flag = one(described)
    return read_input([flag], {flag.name: typed}, Files(**files))["value"]


@pytest.mark.parametrize(
    ("described", "typed", "value"),
    [
        (TEXT, "hello", "hello"),
        (TEXT, "", ""),
        (TEXT, "-x", "-x"),
        (TEXT, "@poem", "roses\n"),
        (TEXT, "@@home", "@home"),
        (TEXT, "a@b", "a@b"),
        ({"type": "integer"}, "-3", -3),
        ({"type": "number"}, "0.5", 0.5),
        ({"type": "number"}, "2", 2.0),
        (SWITCH, True, True),
        (SWITCH, False, False),
        ({"type": "string", "enum": ["short", "long"]}, "long", "long"),
        ({"type": "integer", "enum": [1, 2]}, "2", 2),
        ({"type": "string", "format": "date"}, "2026-11-29", "2026-11-29"),
        ({"type": "array", "items": TEXT}, ["a", "@poem"], ["a", "roses\n"]),
        ({"type": "array", "items": {"type": "integer"}}, ["1", "2"], [1, 2]),
        (CHOICES, ["b", "a"], ["b", "a"]),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "4", 4),
        ({"anyOf": [CHOICES, {"type": "null"}]}, ["a"], ["a"]),
        (FILE, "@poem", {"name": "poem", "data": "cm9zZXMK"}),
        (FILE, "poem", {"name": "poem", "data": "cm9zZXMK"}),
        ({"anyOf": [FILE, {"type": "null"}]}, "poem", {"name": "poem", "data": "cm9zZXMK"}),
        ({"type": "array", "items": {"type": "object"}}, '[{"a": 1}]', [{"a": 1}]),
        ({"type": "object"}, "@data", {"b": 2}),
        (MESSAGES, "[Hello]", [{"role": "user", "content": "[Hello]"}]),
        (MESSAGES, "@poem", [{"role": "user", "content": "roses\n"}]),
        (MESSAGES, '[{"role": "user", "content": "Hi"}]', [{"role": "user", "content": "Hi"}]),
        ({}, "null", None),
    ],
)
def test_a_value_has_the_type_of_its_input(described: dict[str, Any], typed: object, value: object) -> None:
    got = read(described, typed, poem="roses\n", data='{"b": 2}')

    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("described", "typed", "sentence"),
    [
        ({"type": "integer"}, "3.5", "This must be a whole number."),
        ({"type": "integer"}, "", "This must be a whole number."),
        ({"type": "number"}, "nan", "This must be a number."),
        ({"type": "number"}, "three", "This must be a number."),
        ({"type": "string", "enum": ["short", "long"]}, "Short", "Choose one of: short, long."),
        (CHOICES, ["a", "c"], "Choose one of: a, b."),
        ({"type": "string", "format": "date"}, "29.11.2026", "This must be a date, such as 2026-11-29."),
        ({"type": "object"}, "{", "This must be JSON: "),
    ],
)
def test_a_value_of_another_type_is_refused(described: dict[str, Any], typed: object, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        read(described, typed)

    assert str(refused.value).startswith(f"--value: {sentence}")


def test_all_wrong_values_are_named_at_once() -> None:
    flags = read_flags(schema(first={"type": "integer"}, second={"type": "number"}))

    with pytest.raises(InputError) as refused:
        read_input(flags, {"--first": "x", "--second": "y"}, Files())

    assert [*refused.value.problems] == ["--first", "--second"]


def test_names_have_hyphens_and_keep_the_order_of_the_schema() -> None:
    flags = read_flags(schema(zebra=TEXT, max_words=TEXT, a=TEXT))

    assert [flag.name for flag in flags] == ["--zebra", "--max-words", "--a"]


def test_the_entries_of_an_object_have_a_dot() -> None:
    flags = read_flags(schema("address", address=ADDRESS, home={"anyOf": [ADDRESS, {"type": "null"}]}))

    assert [flag.name for flag in flags] == ["--address.city", "--address.zip-code", "--home.city", "--home.zip-code"]
    assert read_input(flags, {"--address.city": "Rome", "--home.zip-code": "1"}, Files()) == {
        "address": {"city": "Rome"},
        "home": {"zip_code": "1"},
    }


def test_what_an_object_needs_is_required_where_the_object_is() -> None:
    flags = read_flags(schema("address", "home", address=ADDRESS, home={"anyOf": [ADDRESS, {"type": "null"}]}))

    assert [flag.name for flag in find_missing(flags, {"home": None})] == ["--address.city"]
    assert find_missing(flags, {"address": {"city": "Rome"}}) == []
    with pytest.raises(InputError, match=r"--address\.city: This field is required\."):
        check_complete(flags, {})


def test_flags_win_over_the_whole_input_which_stays_as_it_was() -> None:
    whole = {"address": {"city": "Rome", "zip_code": "1"}, "other": 1}
    flags = read_flags(schema(address=ADDRESS))

    made = read_input(flags, {"--address.city": "Oslo", "--address.zip-code": None}, Files(), whole)

    assert made == {"address": {"city": "Oslo", "zip_code": "1"}, "other": 1}
    assert whole["address"] == {"city": "Rome", "zip_code": "1"}


def test_an_input_with_the_name_of_an_option_is_reached_by_another_one() -> None:
    flags = read_flags(schema(output=TEXT, input_output=TEXT, help=SWITCH), reserved=["--output", "--help"])

    assert [flag.name for flag in flags] == ["--input-output", "--input-input-output", "--input-help"]


def test_no_flag_switches_another_one_off() -> None:
    flags = read_flags(schema(no_color=TEXT, color=SWITCH, loud=SWITCH, no_loud=SWITCH))

    assert [flag.name for flag in flags] == ["--no-color", "--input-color", "--loud", "--input-no-loud"]


@pytest.mark.parametrize(
    ("described", "value"),
    [(TEXT, "roses\n"), (MESSAGES, [{"role": "user", "content": "roses\n"}]), (FILE, "roses\n")],
)
def test_a_pipe_fills_texts_conversations_and_files(described: dict[str, Any], value: object) -> None:
    flag = one(described)

    assert flag.takes_pipe
    assert read_pipe(flag, Files(**{"-": "roses\n"})) == value
    assert read_pipe(flag, Files(**{"-": ""})) is None


def test_what_comes_through_a_pipe_and_is_no_text_is_a_file() -> None:
    assert as_file("-", b"%PDF\xff") == {"name": "stdin", "data": "JVBERv8="}
    assert as_file("papers/a.pdf", b"%PDF") == {"name": "a.pdf", "data": "JVBERg=="}


@pytest.mark.parametrize("typed", ["[1]", "{", '"text"'])
def test_the_whole_input_must_be_an_object(typed: str) -> None:
    with pytest.raises(UsageError, match="--input: This must be"):
        read_whole(typed, Files())


def call(flags: list[Flag], *arguments: str) -> dict[str, Any]:
    got: dict[str, Any] = {}
    with pytest.raises(SystemExit) as end:
        call_tool_command(arguments, flags, lambda own, given: got.update(given), program="gptstore run poem")
    assert end.value.code == 0
    return {name: typed for name, typed in got.items() if typed is not None}


def test_arguments_are_read_by_their_flags() -> None:
    flags = read_flags(schema(text=TEXT, several=CHOICES, signed=SWITCH, count={"type": "integer"}, other=TEXT))

    given = call(flags, "--text", "-- -x", "--several", "a", "--several=b", "--no-signed", "--count", "-4")

    assert given == {"--text": "-- -x", "--several": ["a", "b"], "--signed": False, "--count": "-4"}


def test_an_unknown_flag_ends_with_status_2_and_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    flags = read_flags(schema(language=TEXT))

    with pytest.raises(SystemExit) as end:
        call_tool_command(["--langage", "fr"], flags, lambda own, given: None, program="gptstore run poem")

    assert end.value.code == 2
    assert "--language" in capsys.readouterr().err


def test_the_help_is_made_from_the_schema(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    flags = read_flags(
        schema("text", text=TEXT, lines={"type": "integer", "minimum": 2, "default": 4, "description": "How many?"})
    )

    call(flags, "--help")

    shown = capsys.readouterr().out
    assert "Usage: gptstore run poem" in shown
    assert "Text. [required]" in shown
    assert "How many? [>= 2; default: 4]" in shown


def test_nothing_in_a_schema_is_markup_or_an_order_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    flag = one({"type": "string", "title": "[bold]A[/bold] [/nothing] \x1b[31mred\nline"})

    assert describe(flag) == "[bold]A[/bold] [/nothing] ␛[31mred line."
    call([flag], "--help")
    assert "[/nothing]" in capsys.readouterr().out


def test_a_tool_of_the_sdk_takes_what_its_flags_say() -> None:
    # Given a tool with an input of every kind, and flags made from its own schema
    flags = read_flags(every_input.input_schema)
    typed = {
        "--title": "A parcel",
        "--to.street": "Via Appia 1",
        "--to.city": "Rome",
        "--to.since": "2020-01-02",
        "--on": "2026-02-28",
        "--days": ["monday", "friday"],
        "--colors": ["red"],
        "--sender.name": "Ada",
        "--words": ["a", "b"],
        "--speed": "fast",
        "--copies": "3",
        "--weight": "2",
        "--signed": True,
        "--note": "",
    }
    # When they are read
    made = read_input(flags, typed, Files())
    # Then the tool's own check takes all of it
    assert every_input.check_input(made)["to"].city == "Rome"
    assert made["sender"] == {"name": "Ada"}
