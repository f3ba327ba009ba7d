"""Turns what is typed behind a tool's flags into its input."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from math import isfinite
from pathlib import PurePath
from typing import Any, Protocol

from gptstore.sdk.cli.errors import InputError, UsageError
from gptstore.sdk.cli.flags import Flag
from gptstore.sdk.error_messages import REQUIRED, TYPE, error_message

STDIN = "-"
Given = Mapping[str, Any]
"""What was typed, by the flag's name: a text, several of them, or True and False for a switch. None: nothing."""


class Files(Protocol):
    """What a value that begins with `@` is read from. Each raises UsageError."""

    def text(self, name: str) -> str: ...

    def data(self, name: str) -> bytes: ...


def read_input(flags: Sequence[Flag], given: Given, files: Files, whole: Mapping[str, Any] | None = None) -> Any:
    """Return the input. Raises InputError with a sentence for each flag whose value makes no sense.

    whole: an input to begin with; what is given by flags wins.
    """
    made: dict[str, Any] = deepcopy(dict(whole or {}))
    problems: dict[str, str] = {}
    for flag in flags:
        typed = given.get(flag.name)
        if typed is None or typed == []:
            continue
        try:
            put(made, flag.path, _read(flag, typed, files))
        except ValueError as error:
            problems[flag.name] = str(error)
    if problems:
        raise InputError(problems)
    return made


def find_missing(flags: Iterable[Flag], made: Mapping[str, Any]) -> list[Flag]:
    """Return the required flags that have no value in the input."""
    return [flag for flag in flags if flag.required and not has(made, flag.path)]


def check_complete(flags: Sequence[Flag], made: Mapping[str, Any]) -> None:
    """Raise InputError when a required flag has no value in the input."""
    if missing := find_missing(flags, made):
        raise InputError({flag.name: error_message(REQUIRED, None) for flag in missing})


def put(made: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *outer, last = path
    for name in outer:
        if not isinstance(made.get(name), dict):
            made[name] = {}
        made = made[name]
    made[last] = value


def has(made: Mapping[str, Any], path: Sequence[str]) -> bool:
    found: Any = made
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return False
        found = found[name]
    return True


def _read(flag: Flag, typed: Any, files: Files) -> Any:
    """Return the value of one flag. Raises ValueError with a sentence."""
    if isinstance(typed, bool):
        return typed
    if flag.many:
        return [_read_one(flag, text, files) for text in typed]
    return _read_one(flag, typed, files)


def _read_one(flag: Flag, typed: str, files: Files) -> Any:
    match flag.kind:
        case "text":
            return read_text(typed, files)
        case "messages":
            return as_messages(read_text(typed, files))
        case "integer":
            return _number(typed, int, "integer")
        case "number":
            return _number(typed, float, "number")
        case "choice":
            return _choice(flag, typed)
        case "date":
            return _date(typed)
        case "switch":
            return _choice_of({"true": True, "false": False}, typed)
        case "file":
            name = typed.removeprefix("@")
            return as_file(name, files.data(name))
        case "json":
            return _json(typed, files)


def read_text(typed: str, files: Files) -> str:
    """Return a text: itself, the content of `@file`, of stdin for `@-`, or what follows the first @ of `@@`."""
    if typed.startswith("@@"):
        return typed[1:]
    return files.text(typed[1:]) if typed.startswith("@") else typed


def as_messages(text: str) -> list[Any]:
    """Return a conversation: one that is written as JSON, or the text as the user's only message."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    return found if isinstance(found, list) else [{"role": "user", "content": text}]


def read_pipe(flag: Flag, files: Files) -> Any:
    """Return the value that comes through a pipe, None where nothing does. Raises UsageError."""
    if flag.kind == "file":
        data = files.data(STDIN)
        return as_file(STDIN, data) if data else None
    text = files.text(STDIN)
    if not text:
        return None
    return as_messages(text) if flag.kind == "messages" else text


def _number(typed: str, kind: type[int] | type[float], name: str) -> int | float:
    try:
        number = kind(typed)
    except ValueError:
        raise ValueError(error_message(TYPE, name)) from None
    if not isfinite(number):
        raise ValueError(error_message(TYPE, name))
    return number


def _choice(flag: Flag, typed: str) -> Any:
    return _choice_of({str(choice): choice for choice in flag.choices}, typed)


def _choice_of(choices: Mapping[str, Any], typed: str) -> Any:
    if typed not in choices:
        raise ValueError(error_message("enum", [*choices]))
    return choices[typed]


def _date(typed: str) -> str:
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        raise ValueError("This must be a date, such as 2026-11-29.") from None


def as_file(name: str, data: bytes) -> Any:
    """Return a file as the API takes it. What comes through a pipe has no name, and is a text where it can be one."""
    if name == STDIN:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            name = "stdin"
    return {"name": PurePath(name).name, "data": b64encode(data).decode("ascii")}


def _json(typed: str, files: Files) -> Any:
    try:
        return json.loads(read_text(typed, files))
    except json.JSONDecodeError as error:
        raise ValueError(f"This must be JSON: {error}.") from None


def read_whole(typed: str, files: Files, option: str = "--input") -> dict[str, Any]:
    """Return the input of `--input JSON|@file`, or the values of another such option. Raises UsageError."""
    try:
        whole = _json(typed, files)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if not isinstance(whole, dict):
        raise UsageError(
            f'{option}: This must be an object with one entry for each value, such as {{"text": "Hello"}}.'
        )
    return whole
