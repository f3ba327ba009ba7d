"""Changes keywords of a `@tool` in a plugin's source, and nothing else of the file."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

from gptstore.sdk.intake.source_lines import Function

_BEFORE = "examples"
"""The keyword before which new ones stand: it is the longest."""


class UneditableError(Exception):
    """Raised when the source can't be changed safely. The message says why, for the author who does it instead."""


def edit_declaration(path: Path, line: int, values: Mapping[str, int | bool]) -> None:
    """Give these keywords to the `@tool` of the function at this line of the file. Raises UneditableError."""
    try:
        text = path.read_bytes()
        edited = edit_source(text, line, values)
        path.write_bytes(edited)
    except OSError as error:
        raise UneditableError(f"the file can't be changed ({error.strerror})") from None


def edit_source(text: bytes, line: int, values: Mapping[str, int | bool]) -> bytes:
    """Return the source with the keywords. Raises UneditableError unless the result is the same but for them."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        raise UneditableError("the file is no Python") from None
    mark = find_mark(tree, line)
    starts = _line_starts(text)
    if isinstance(mark, ast.Call) and (mark.keywords or mark.args):
        edits = [_edit_of(mark, name, value, text, starts) for name, value in values.items()]
    else:
        name = mark.func if isinstance(mark, ast.Call) else mark
        arguments = ", ".join(f"{name}={value}" for name, value in values.items())
        edits = [(_range(name, starts)[1], _range(mark, starts)[1], f"({arguments})")]
    edited, ordered = text, sorted(edits, key=lambda edit: edit[0])
    for start, end, new in ordered[::-1]:  # the last first, also of two at one place
        edited = edited[:start] + new.encode() + edited[end:]
    _check_edited(tree, mark, edited, line, values)
    return edited


def find_mark(tree: ast.Module, line: int) -> ast.expr:
    """Return the one decorator `@tool` of the function whose decorators or signature have this line."""
    for node in ast.walk(tree):
        if not isinstance(node, Function):
            continue
        first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
        marks = [mark for mark in node.decorator_list if _is_tool(mark)]
        if first <= line <= node.body[0].lineno and marks:
            if len(marks) > 1 or len(node.decorator_list) > 1:
                raise UneditableError("the function has other decorators, too")
            return marks[0]
    raise UneditableError("no @tool stands over the function")


def _is_tool(mark: ast.expr) -> bool:
    called = mark.func if isinstance(mark, ast.Call) else mark
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name == "tool"


def _edit_of(call: ast.Call, name: str, value: int | bool, text: bytes, starts: Sequence[int]) -> tuple[int, int, str]:
    """Return the range of bytes to replace for one keyword, and what comes there."""
    if any(keyword.arg is None for keyword in call.keywords) or call.args:
        raise UneditableError("its options are in a variable")
    given = {str(keyword.arg): keyword for keyword in call.keywords}
    if name in given:
        old = given[name].value
        if not (isinstance(old, ast.Constant) and isinstance(old.value, int | None)):
            raise UneditableError(f"{name}= is not written as a number there")
        return *_range(old, starts), str(value)
    place = given.get(_BEFORE)
    if place is None:
        end = _range(call.keywords[-1].value, starts)[1]
        return end, end, f"{_separator(call.keywords[-1], text, starts)}{name}={value}"
    start = _range(place, starts)[0]
    return start, start, f"{name}={value}{_separator(place, text, starts)}"


def _separator(keyword: ast.keyword, text: bytes, starts: Sequence[int]) -> str:
    """Return what stands between two keywords of this call: a comma, and a new line where each has one of its own."""
    line_start = starts[keyword.lineno - 1]
    before = text[line_start : line_start + keyword.col_offset].decode()
    newline = "\r\n" if b"\r\n" in text else "\n"
    return f",{newline}{before}" if not before.strip() else ", "


def _check_edited(tree: ast.Module, mark: ast.expr, edited: bytes, line: int, values: Mapping[str, int | bool]) -> None:
    """Compare the two programs: they may differ in these keywords of this decorator alone."""
    wanted = {name: repr(value) for name, value in values.items()}
    try:
        after = ast.parse(edited)
        new = find_mark(after, line)
    except (SyntaxError, ValueError):
        raise UneditableError("its form is unusual") from None
    if not isinstance(new, ast.Call):
        raise UneditableError("its form is unusual")
    has = {str(one.arg): ast.unparse(one.value) for one in new.keywords if one.arg in wanted}
    for call in (mark, new):
        if isinstance(call, ast.Call):
            call.keywords = [one for one in call.keywords if one.arg not in wanted]
    bare = new.func if not isinstance(mark, ast.Call) else new
    same_mark = ast.dump(bare) == ast.dump(mark)
    for module in (tree, after):
        for node in ast.walk(module):
            if isinstance(node, Function):
                node.decorator_list = [one for one in node.decorator_list if one not in (mark, new)]
    if has != wanted or not same_mark or ast.dump(tree) != ast.dump(after):
        raise UneditableError("its form is unusual")


def _range(node: ast.expr | ast.keyword, starts: Sequence[int]) -> tuple[int, int]:
    start = _offset(starts, node.lineno, node.col_offset)
    return start, _offset(starts, node.end_lineno, node.end_col_offset)


def _offset(starts: Sequence[int], line: int | None, column: int | None) -> int:
    assert line is not None and column is not None
    return starts[line - 1] + column


def _line_starts(text: bytes) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts
