import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptstore.sdk import md
from gptstore.sdk.testing import ScriptedModel, run
from gptstore_base_model_aids.summary_check import CHOSEN
from gptstore_qa.tool import answer
from gptstore_summarizer.tool import summarize
from tests.text.rendered import render
from tests.text.rows import read_rows

MARKUP = [*"`*_|[]()<>~\\&;#-+=:!.1 \n\té中", "&lt;", "&#35;", "1. ", "- ", "> ", "~~~", "```", "---", "    ", "\n\n"]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.lists(st.sampled_from(MARKUP)).map("".join)
PLAIN_TAGS = {"div", "p", "br"}


@pytest.mark.parametrize("row", read_rows("markdown"))
def test_plain_text_is_escaped_where_it_would_be_markup(row: Any) -> None:
    page = render(row["right"])

    assert md.escape(row["input"]) == row["right"]
    assert page.text == one_kind_of_line_break(row["input"])
    assert page.tags <= PLAIN_TAGS


@given(TEXTS)
@settings(max_examples=2000, deadline=None)
def test_escaped_text_renders_to_itself(text: str) -> None:
    page = render(md.escape(text))

    assert page.text == one_kind_of_line_break(text)
    assert page.tags <= PLAIN_TAGS


@given(st.lists(TEXTS))
@settings(max_examples=500, deadline=None)
def test_a_stream_is_escaped_as_its_whole_text(pieces: list[str]) -> None:
    assert render("".join(md.escape_pieces(pieces))).text == one_kind_of_line_break("".join(pieces))


@given(st.lists(st.sampled_from(MARKUP), min_size=1).map("".join), st.sampled_from(["> ", "- ", "## ", "**Part 1.** "]))
@settings(max_examples=500, deadline=None)
def test_escaped_text_may_stand_in_other_markup(text: str, before: str) -> None:
    line = " ".join(f"x{text}x".split())

    assert render(before + md.escape(line)).text.strip("\n") == before.replace("**", "").lstrip(">-# ") + line


def test_a_stream_is_passed_on_word_by_word_and_returns_its_text() -> None:
    stream = md.escape_pieces(["It", " is", " _", "old", "_ ", "now"])
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            assert end.value == "It is _old_ now"
            break

    assert pieces == ["It", " is", " \\_old\\_", " now"]


@pytest.mark.parametrize("row", read_rows("markdown"))
@pytest.mark.parametrize("is_chat", [True, False])
def test_an_answer_shows_what_it_quotes_as_it_is(row: Any, is_chat: bool) -> None:
    said = " ".join(f"Zebra {row['input']} zebra".split())
    passage = f"The first sentence stands here. {said}."
    model = ScriptedModel(said, is_chat=is_chat, context_length=4096)

    shown = render(run(answer, model=model, passage=passage, question="Which zebra?").output).text

    assert shown.startswith(f"{said}\n")
    assert f"{said}." in shown.split("From the passage:")[1]


@pytest.mark.parametrize("row", read_rows("markdown"))
def test_sentences_chosen_for_a_summary_are_shown_as_they_are(row: Any) -> None:
    said = " ".join(f"The zebra likes {row['input']} with many green apples".split())
    model = ScriptedModel("", is_chat=False, context_length=4096)

    shown = render(run(summarize, model=model, text=f"{said}.", length="short").output).text

    heading, chosen = shown.split("\n")
    assert heading == CHOSEN.strip("*")
    assert chosen
    assert chosen in f"{said}."


def one_kind_of_line_break(text: str) -> str:
    return re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", "\n", text)


def test_a_chat_models_markdown_stays_and_the_words_of_the_text_are_shown_as_they_are() -> None:
    text = "The method __init__ takes **kwargs and *args; &lt;b&gt; is ~~old~~ 2*3*4. **Mind this** in 方法__init__里。"
    said = (
        "**In short**, `**kwargs`.\n\n- **__init__**: &lt;b&gt;\n- ~~old~~ *args 2*3*4 方法__init__里\n- **Mind this**"
    )
    shown = "In short, **kwargs. __init__: &lt;b&gt; ~~old~~ *args 2*3*4 方法__init__里 Mind this"

    output = run(summarize, model=ScriptedModel(said, context_length=4096), text=text, length="long").output

    page = render(output)
    assert page.text.split() == shown.split()
    assert {"strong", "ul", "code"} <= page.tags
    assert not {"em", "s"} & page.tags


@pytest.mark.parametrize("row", read_rows("markdown"))
def test_the_summaries_of_parts_are_plain_text(row: Any) -> None:
    said = " ".join(f"Zebra {row['input']}".split())
    text = " ".join(f"In the year {year} the harbour had ships." for year in range(300))

    output = run(summarize, model=ScriptedModel(said), text=text, length="short").output

    assert f"Part 1 of 4. {said}\nPart 2" in render(output).text
