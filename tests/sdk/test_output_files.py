"""Tools that give a file: what a file may be, what is refused, and the stored form in both directions."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gptstore.sdk import Context, File, Tool, ToolDefinitionError, ToolOutputError, tool
from gptstore.sdk.stored_file import FileHead, name_problem, read_file, read_head
from gptstore.sdk.testing import run


def giving(result: Any, **options: Any) -> Tool:
    @tool(output="file", summary="Gives a file.", **options)
    def give(ctx: Context) -> Any:
        return result

    return give


@pytest.mark.parametrize(
    ("file", "data", "media_type"),
    [
        (File("report.csv", "a,b\né,2\n"), "a,b\né,2\n".encode(), "text/csv"),
        (File("Bericht 世界 (1).PDF", b"%PDF\0\xff"), b"%PDF\0\xff", "application/pdf"),
        (File("noext", b""), b"", "application/octet-stream"),
        (File("a.bin", bytes(range(256)) * 700, "application/x-thing"), bytes(range(256)) * 700, "application/x-thing"),
    ],
)
def test_a_file_comes_back_as_it_was_returned(file: File, data: bytes, media_type: str) -> None:
    done = run(giving(file))

    assert (done.file.name, done.file.data, done.file.media_type) == (file.name, data, media_type)
    assert [*json.loads(done.output)] == ["name", "type", "size", "data"]
    assert read_head(done.pieces[0]) == FileHead(file.name, media_type, len(data))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            ".",
            "..",
            "a/b",
            "/etc/passwd",
            "..\\x",
            "c:x",
            ".bashrc",
            "-rf",
            "x ",
            "x.",
            "a\nb",
            "a\0b",
            "\x1b[2J",
        ),
        *("gpj.\u202eexe", "a\u2066b", "\ud800", "a" * 151, 'a"b', "a<b>", "a|b", "a?", "a*"),
    ],
)
def test_a_name_that_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(ToolOutputError, match=r"tool give returned the file .*: it"):
        run(giving(File(name, "x")))


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, 'tool give returned None; return File("report.csv", data)'),
        ("text", "tool give returned a value of type str; return File"),
        (File("a.txt", 3), "whose data is of type int; give str or bytes"),  # type: ignore[arg-type]
        (File("a.txt", "", "text/html; charset=utf-8"), 'give one such as "text/csv", without parameters'),
        (File("a.txt", "", "text/html\r\nX: y"), "with the media type"),
    ],
)
def test_what_is_no_file_is_refused_with_one_sentence(result: Any, message: str) -> None:
    with pytest.raises(ToolOutputError) as refused:
        run(giving(result))

    assert message in str(refused.value)


def test_a_file_over_the_tool_s_limit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ToolOutputError, match=r"are 1,4.. as text; its max_output_bytes is 1,400"):
        run(giving(File("a.bin", bytes(1000)), max_output_bytes=1400))

    assert run(giving(File("a.bin", bytes(1000)), max_output_bytes=1450)).file.data == bytes(1000)


def test_what_cannot_give_a_file_is_refused_when_it_is_declared() -> None:
    def text(ctx: Context) -> str:
        """Give."""
        return ""

    def many(ctx: Context) -> Iterator[Any]:
        """Give."""
        yield File("a.txt", "")

    def file(ctx: Context) -> File:
        """Give."""
        return File("a.txt", "")

    for function, output in ((text, "file"), (many, "file"), (file, "text"), (file, "table")):
        with pytest.raises(ToolDefinitionError, match='output="file"'):
            tool(output=output)(function)  # type: ignore[call-overload]
    assert tool(output="file")(file).output == "file"


def test_a_file_as_an_input_is_a_document_or_a_table() -> None:
    def take(ctx: Context, file: File) -> str:
        """Take."""
        return ""

    with pytest.raises(ToolDefinitionError, match=r"the type File is not supported.*Document, Table"):
        tool(take)


def test_a_file_in_a_tool_of_texts_names_the_kind_that_takes_it() -> None:
    @tool(summary="Give.")
    def give(ctx: Context) -> Any:
        return File("a.txt", "")

    with pytest.raises(ToolOutputError, match='or declare output="file"'):
        run(give)


STORED = run(giving(File("a.txt", "hello"))).output


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "null", STORED[:-1], STORED[:-6], STORED.replace('"size":5', '"size":6')),
        STORED.replace("a.txt", "../a.txt"),
        STORED.replace("aGVsbG8=", "aGVs!G8="),
        STORED.replace('"size":5', '"size":' + "9" * 5000),
    ],
)
def test_a_stored_file_that_is_not_whole_or_not_harmless_is_none(text: str) -> None:
    assert read_file(text) is None


def test_a_media_type_that_is_none_is_read_as_unknown() -> None:
    file = read_file(STORED.replace("text/plain", "text/html;x=\\r\\n"))

    assert file is not None
    assert file.media_type == "application/octet-stream"


def test_a_plain_name_has_no_problem() -> None:
    assert [name for name in ("a.txt", "Ärger 世界.pdf", "a'b (2).csv", "🙂.png") if name_problem(name)] == []
