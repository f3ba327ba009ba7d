"""Texts that make parsers slow: each is drawn within its budget of processor time, by a process that lives on."""

import gc
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from pygments.lexers.css import CssLexer

from gptstore.sdk.render import output
from gptstore.sdk.render.budget import beyond_budget, cpu_budget
from gptstore.sdk.render.errors import OverBudget
from gptstore.sdk.render.highlight import load_lexer
from gptstore.sdk.render.languages import LANGUAGES
from gptstore.sdk.render.messages import RenderRequest
from gptstore.sdk.render.output import render
from gptstore.sdk.render.process import RenderProcess

CODE = ["(", "\n", "a ", "a.", "$", "&", "=", "*", "'", "\\", "<a ", "`${", "@a ", "{", "/*"]
MARKDOWN = [
    *("**", "[", "![", "> ", "- ", "`", "``a", "*a_", "_a_*", "a**b", "***a ", "[](", "[a](<", "![a](b", "<", "&", "|"),
    *("  - a\n", "1. ", "> - ", "|a|b|\n|-|-|\n|\n", "[a]: b 'c\n", "[a]: /b\n\n", "a\n", "[x](" + "(" * 30, "<!--"),
]
ROWS = 1000
TABLE = f"|{'a|' * ROWS}\n|{'-|' * ROWS}\n" + "|\n" * ROWS
LENGTH = 2_000
BUDGETS = 2
MARGIN_SECONDS = 3.0
"""Of processor time, for what is no part of the budget, such as compiling a lexer."""


@pytest.fixture(scope="module")
def process() -> Iterator[RenderProcess]:
    process = RenderProcess(deadline_seconds=120)  # the machine may be busy: only processor time is bounded here
    yield process
    process.stop()


@pytest.fixture(autouse=True)
def no_callbacks() -> Iterator[None]:
    """Keep hypothesis's callback of the garbage collector away, which swallows what ends a rendering."""
    gc.disable()
    yield
    gc.enable()


def used(request: RenderRequest) -> float:
    """The processor time that rendering takes here, in seconds."""
    before = time.process_time()
    render(request.kind, request.text, request.language)
    return time.process_time() - before


def budget(text: str) -> float:
    return BUDGETS * (output.BASE_SECONDS + output.SECONDS_PER_CHARACTER * len(text)) + MARGIN_SECONDS


@pytest.mark.parametrize("language", [language.lexer for language in LANGUAGES])
def test_no_code_takes_longer_than_its_budget(language: str) -> None:
    for piece in CODE:
        code = (piece * LENGTH)[:LENGTH]
        assert used(RenderRequest("code", code, language)) < budget(code), piece


@pytest.mark.parametrize("text", [*((piece * LENGTH)[:LENGTH] for piece in MARKDOWN), TABLE])
def test_no_markdown_takes_longer_than_its_budget(text: str) -> None:
    assert used(RenderRequest("markdown", text)) < budget(text)


@pytest.mark.parametrize("label", ["html+ng2", "C++ ", "cpp", "java"])
def test_a_bomb_in_a_fence_is_shown_as_it_is(process: RenderProcess, label: str) -> None:
    code = ("\n" if label == "java" else "(") * 14_000 + "x"

    html = process.render(RenderRequest("markdown", f"**before**\n\n```{label}\n{code}\n```"))

    assert "<strong>before</strong>" in html
    assert html.count("(") in (0, 14_000)


def test_slow_code_costs_its_colours_only() -> None:
    html = render("markdown", "**bold**\n\n```python\nx = 1\n```\n\n```java\n" + "\n" * 14_000 + "```")
    assert "<strong>bold</strong>" in html
    assert "<span" not in html


def test_slow_markdown_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "**bold**\n" + "[a](b) " * 20_000
    monkeypatch.setattr(output, "SECONDS_PER_CHARACTER", 1e-8)
    assert render("markdown", text) == f'<div class="output-text" dir="auto">{text}</div>'


def test_the_process_outlives_every_bomb(process: RenderProcess) -> None:
    process.render(RenderRequest("markdown", "*a*"))
    before = process.pid
    for text in ("[" * 20_000, TABLE, "```java\n" + "\n" * 14_000):
        process.render(RenderRequest("markdown", text))

    assert "<em>a</em>" in process.render(RenderRequest("markdown", "*a*"))
    assert process.pid == before


def test_a_single_match_of_an_expression_is_ended_too() -> None:
    lexer = load_lexer("java")
    with pytest.raises(OverBudget), cpu_budget(0.05):
        list(lexer.get_tokens("\n" * 50_000))


def test_what_swallows_its_end_is_ended_again() -> None:
    late = time.process_time() + 20
    with pytest.raises(OverBudget), cpu_budget(0.05):
        with suppress(OverBudget):
            compute_until(late)
        compute_until(late)


def test_what_is_beyond_the_budget_is_not_ended_and_what_follows_is() -> None:
    with pytest.raises(OverBudget), cpu_budget(0.05):
        with beyond_budget():
            compute_until(time.process_time() + 0.2)
        compute_until(time.process_time() + 20)


def test_a_lexer_is_compiled_beyond_the_budget_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "BASE_SECONDS", 0.02)
    load_lexer.cache_clear()
    monkeypatch.delattr(CssLexer, "_tokens", raising=False)
    assert "<span" in render("code", "a { color: red }", "css")


def compute_until(seconds: float) -> None:
    """Compute until this process has used so much processor time."""
    while time.process_time() < seconds:
        pass
