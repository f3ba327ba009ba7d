"""Patterns in the site's process: Python's meaning, in linear time, or left to the tool's own check."""

import re

import pytest

from gptstore.catalog import patterns
from gptstore.catalog.patterns import is_mismatch, matching

PATTERNS = [
    r"^a+$",
    r"\S",
    r"b",
    r"^[a-z ]*$",
    r"^[^<>]*\Z",
    r"^\w+@\w+\.[a-z]{2,}$",
    r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
    r"^\d{4}-\d{2}-\d{2}$",
    r"^(?:yes|no|)$",
    r"^(?P<sign>[-+]?)\d+(?:\.\d+)?$",
    r"^[]\[a]+$",
    r"^[$.]+$",
    r"^[\w.-]+$",
    r"\bone\b",
    r"^.{0,3}$",
]
TEXTS = [
    *[
        "",
        "a",
        "aaa\n",
        "aaa\n\n",
        "b",
        "no",
        "no\n",
        "12",
        "-1.5",
        "٣",
        "2026-11-29",
        "2026-11-29\n",
        "a b c",
        "<",
        "][",
    ],
    *[
        "ada@store.example",
        "हिन्दी",
        "汉字",
        "é",
        "$.",
        "one two",
        "someone",
        "a.b-c_d",
        "123e4567-e89b-12d3-a456-426614174000",
    ],
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_ordinary_pattern_means_what_it_means_to_python(pattern: str) -> None:
    assert patterns.compile_linear(pattern) is not None
    for text in TEXTS:
        with matching():
            assert is_mismatch(pattern, text) == (re.search(pattern, text) is None), text


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"(\w+\s?)*!", r"\s+x"])
def test_a_pattern_that_would_take_python_years_is_matched_all_the_same(pattern: str) -> None:
    with matching():
        assert is_mismatch(pattern, "a" * 50 + " " * 50_000 + "?")


@pytest.mark.parametrize(
    "pattern",
    [
        *["^(?=a)", r"(a)\1", "(?i)a", "[[:alpha:]]", r"\<a", "(", "[", "a{1", r"(a{1000}){1000}", "[a&&b]", "("],
        *["(" * 5000, "a{99999999999}", 5],
    ],
)
def test_what_this_engine_cannot_match_is_left_to_the_tool(pattern: object) -> None:
    with matching():
        assert not is_mismatch(pattern, "b")


def test_the_steps_of_one_input_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MAX_STEPS", 100)
    with matching():
        assert not is_mismatch("^b$", "a" * 100), "too long"
        assert [is_mismatch("^b$", "a" * 10) for _ in range(5)] == [True, True, True, False, False]
    with matching():
        assert is_mismatch("^b$", "a" * 10)
