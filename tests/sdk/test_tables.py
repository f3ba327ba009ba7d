"""Tools that give a table: what rows may be, what is refused, and the stored form in both directions."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from gptstore.sdk import Columns, Context, Tool, ToolDefinitionError, ToolOutputError, tool
from gptstore.sdk.stored_table import StoredTable, csv_line, harmless_cell
from gptstore.sdk.testing import ScriptedContext, run


def giving(*rows: Any) -> Tool:
    @tool(output="table", summary="Gives rows.")
    def give(ctx: Context) -> Iterator[Any]:
        yield from rows

    return give


class Person(BaseModel):
    name: str
    born: date | None = None


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"a": 1, "b": "x"}, {"b": "y", "a": 2.5}], [{"a": 1, "b": "x"}, {"a": 2.5, "b": "y"}]),
        ([Columns("a", "b"), [1, None], ("x", True)], [{"a": 1, "b": None}, {"a": "x", "b": True}]),
        (
            [Person(name="Ada", born=date(1815, 12, 10)), Person(name="Bob")],
            [{"name": "Ada", "born": "1815-12-10"}, {"name": "Bob", "born": None}],
        ),
        ([Columns("b", "a"), {"a": 1, "b": 2}], [{"b": 2, "a": 1}]),
        ([Columns("a")], []),
        ([], []),
    ],
)
def test_rows_are_dicts_models_or_lists(rows: list[Any], expected: list[dict[str, Any]]) -> None:
    done = run(giving(*rows))

    assert done.rows == expected
    assert all(piece.endswith("\n") for piece in done.pieces)
    assert [json.loads(line) for line in done.output.splitlines()][:1] == ([done.columns] if rows else [])


def test_a_list_of_rows_may_be_returned() -> None:
    @tool(output="table")
    def give(ctx: Context) -> list[dict[str, int]]:
        """Give."""
        return [{"a": 1}, {"a": 2}]

    assert run(give).rows == [{"a": 1}, {"a": 2}]


def test_each_row_is_sent_as_it_is_made() -> None:
    done = run(giving({"a": 1}, {"a": 2}, {"a": 3}), cancel_after=2)

    assert (done.pieces, done.canceled) == (['["a"]\n[1]\n', "[2]\n"], True)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"a": 1}, {"b": 2}], "yielded row 2 with the columns 'b' instead of 'a'; give the same"),
        (
            [{"a": 1}, {"a": 1, "b": 2}],
            "yielded row 2 with the columns 'a', 'b' instead of 'a'; give the same",
        ),
        ([[1, 2]], "a list whose columns have no names"),
        ([Columns("a"), [1, 2]], "yielded row 1 with 2 cells for 1 columns"),
        (["text"], "yielded a value of type str; yield rows"),
        ([None], "yielded None; yield rows"),
        ([{"a": [1]}], "yielded a value of type list in row 1, column 'a'"),
        ([{"a": object()}], "yielded a value of type object in row 1, column 'a'"),
        ([{"a": b"\xff"}], "yielded a value of type bytes in row 1, column 'a'"),
        ([{"a": float("nan")}], "yielded nan in row 1, column 'a'"),
        ([{"a": 10**5000}], "a number of too many digits"),
        ([{"a": "x" * 1_000_000}], "yielded row 1 of 1,000,005 bytes; a row may have 1,000,000"),
        ([{}], "a table of 0 columns"),
        ([Columns(*map(str, range(101)))], "a table of 101 columns"),
        ([{"a\nb": 1}], "named a column"),
        ([{"a\u202eb": 1}], "named a column"),
        ([{1: 2}], "named a column 1"),
        ([Columns("a", "a")], "two columns named 'a'"),
        ([{"a": 1}, Columns("a")], "names its columns twice"),
    ],
)
def test_what_is_no_such_row_is_refused_with_one_sentence(rows: list[Any], message: str) -> None:
    with pytest.raises(ToolOutputError) as refused:
        run(giving(*rows))

    assert message in str(refused.value)
    assert str(refused.value).startswith("tool give ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("result", [None, "a,b", {"a": 1}, Person(name="Ada")])
def test_a_table_is_many_rows(result: Any) -> None:
    @tool(output="table", summary="Give.")
    def give(ctx: Context) -> Any:
        return result

    with pytest.raises(ToolOutputError, match="yield the rows of its table, or return a list"):
        run(give)


def test_a_function_that_says_it_gives_texts_is_refused_when_it_is_declared() -> None:
    def text(ctx: Context) -> str:
        """Give."""
        return ""

    def texts(ctx: Context) -> Iterator[str]:
        """Give."""
        yield ""

    for function in (text, texts):
        with pytest.raises(ToolDefinitionError, match='output="table" needs rows'):
            tool(output="table")(function)


def test_a_row_in_a_tool_of_texts_names_the_kind_that_takes_it() -> None:
    @tool(summary="Give.")
    def give(ctx: Context) -> Any:
        yield {"a": 1}

    with pytest.raises(ToolOutputError, match='or declare output="table"'):
        run(give)


def test_what_no_database_stores_is_left_out_of_cells() -> None:
    assert run(giving({"a": "x\0y\ud800z"})).rows == [{"a": "xyz"}]


def test_the_generator_is_closed_when_the_run_is_stopped() -> None:
    ended: list[bool] = []

    @tool(output="table")
    def count(ctx: Context) -> Iterator[dict[str, int]]:
        """Count."""
        try:
            while True:
                yield {"n": 1}
        finally:
            ended.append(True)

    run(count, ctx=ScriptedContext(), cancel_after=3)

    assert ended == [True]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=cmd()|' /C calc'!A0", "'=cmd()|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("\r\n=1", "'\r\n=1"),
        ("＝1+1", "'＝1+1"),
        ("-2.5", "-2.5"),
        ("+49", "+49"),
        (-2, "-2"),
        ("a=b", "a=b"),
        (None, ""),
        (True, "true"),
    ],
)
def test_no_spreadsheet_takes_a_cell_for_a_formula(cell: Any, shown: str) -> None:
    assert harmless_cell(cell) == shown


def test_csv_and_json_hold_what_the_rows_held() -> None:
    rows = [{"=name": 'a "b", c\n\r\x0b\u2028', "n": 1.5}, {"=name": "<script>", "n": None}]
    table = StoredTable(run(giving(*rows)).output)

    read = [*csv.reader(io.StringIO("".join(table.csv()), newline=""))]
    assert read == [["'=name", "n"], ['a "b", c\n\r\x0b\u2028', "1.5"], ["<script>", ""]]
    assert json.loads("".join(table.json())) == rows
    assert json.loads("".join(StoredTable("").json())) == []
    assert csv_line(["", ""]) == ",\r\n"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('["a"]\n[1]\n[2', [{"a": 1}]),
        ('["a"]\n[1,2,3]\n[]\n', [{"a": 1}, {"a": None}]),
        ('["a"]\nmasked\n{"b":1}\n', [{"a": "masked"}, {"a": '{"b": 1}'}]),
        ('["a"]\n[[1,{"b":2}]]\n', [{"a": '[1, {"b": 2}]'}]),
        ('["a"]\n' + "[" * 100_000 + "\n", [{"a": "[" * 100_000}]),
        ('["a', []),
        ("", []),
    ],
)
def test_a_stored_table_is_read_whatever_it_holds(text: str, rows: list[dict[str, Any]]) -> None:
    assert StoredTable(text).rows == rows


def test_a_hundred_thousand_rows_are_counted_without_being_read() -> None:
    table = StoredTable('["n"]\n' + "[1]\n" * 100_000)

    assert len(table) == 100_000
    assert next(iter(table)) == [1]
