"""The files of an input: what is shown of them, and what is text for hooks."""

from typing import Any

import pytest

from gptstore.catalog.files import split_files, without_data
from gptstore.sdk.form.form_file import size_of
from tests.every_input import every_input

SCHEMA = every_input.input_schema
FILE = {"name": "a.pdf", "data": "AAAA"}


@pytest.mark.parametrize(
    ("value", "size"), [(FILE, 3), ({"data": "AAA="}, 2), ({"data": "AA=="}, 1), ({"data": ""}, 0), ("é", 2), (None, 0)]
)
def test_the_size_is_that_of_the_bytes(value: Any, size: int) -> None:
    assert size_of(value) == size


def test_a_file_is_shown_by_name_and_size_also_when_the_tool_no_longer_takes_it() -> None:
    given = {"letter": FILE, "prices": "a,b", "gone": FILE, "to": {"name": "x", "data": "y"}}
    shown = {"name": "a.pdf", "size": 3}

    assert without_data(SCHEMA, given) == {"letter": shown, "prices": "a,b", "gone": shown, "to": given["to"]}


def test_hooks_get_texts_and_no_bytes() -> None:
    given = {"title": "Hi", "letter": FILE, "prices": "a,b"}

    assert split_files(SCHEMA, given) == ({"title": "Hi", "prices": "a,b"}, {"letter": FILE})
