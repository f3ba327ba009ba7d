"""What a translation keeps as it is, with models that keep it, lose it, and say it twice."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gptstore.sdk.literals import find_literals, find_numbers
from gptstore.sdk.masks import Masks
from gptstore.sdk.testing import ScriptedModel, run
from gptstore_translator.tool import translate
from tests.text.rows import read_rows
from tests.text.translating import capitals, other_numbers, translate_by, twice, words_only

SAMPLES = settings(max_examples=400, deadline=None, derandomize=True)
PIECES = [
    *("<b>", "</b>", "<", "&amp;", "{a}", "{{ b }}", "%s", "$x$", "#a", "a@b.co", "https://x.org/", "a_b"),
    *("`", "```", "~~~", "\n", "\r\n", "\u2028", "\t", " ", "5", "12.5", "-", "_", "é", "中文。", "Yes. ", "🙂"),
    *("X", "x1", "X2 ", "Q3", "XQ4", "Z9", "V", "0"),
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map("".join)


def literals_of(text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_literals(text)]


@pytest.mark.parametrize("is_chat", [False, True], ids=["base", "chat"])
@pytest.mark.parametrize("row", read_rows("placeholders"))
def test_a_literal_is_kept_and_what_stands_around_it_is_translated(row: Any, is_chat: bool) -> None:
    done = translate_by(capitals, row["input"], is_chat=is_chat)

    assert (done.output, done.logs) == (row["right"], [])


@pytest.mark.parametrize("is_chat", [False, True], ids=["base", "chat"])
@pytest.mark.parametrize("write", [words_only, twice, other_numbers])
@pytest.mark.parametrize("row", read_rows("placeholders"))
def test_a_model_that_loses_literals_and_numbers_cannot(row: Any, write: Any, is_chat: bool) -> None:
    done = translate_by(write, row["input"], is_chat=is_chat)

    kept = literals_of(row["input"])
    assert [literal for literal in kept if done.output.count(literal) != row["input"].count(literal)] == []
    assert [number for number in find_numbers(row["input"]) if number not in done.output] == []


@pytest.mark.parametrize("is_chat", [False, True], ids=["base", "chat"])
def test_what_is_lost_once_is_asked_for_again(is_chat: bool) -> None:
    model = ScriptedModel(["Bonjour, cher ami.", "Bonjour, X1."], is_chat=is_chat)
    done = run(translate, model=model, text="Hello, {name}.", source="en", target="fr")

    assert (done.output, done.logs, len(model.calls)) == ("Bonjour, {name}.", [], 2)


@pytest.mark.parametrize("is_chat", [False, True], ids=["base", "chat"])
def test_what_is_lost_again_is_named_and_the_text_around_it_translated(is_chat: bool) -> None:
    done = translate_by(words_only, "Hello, {name}. You have 12 letters.", is_chat=is_chat)

    assert done.output == "Hello, {name}. You have 12 letters."
    assert done.logs[0].startswith("The model did not keep {name}")
    assert "12" in "".join(done.logs)


def test_a_number_is_hidden_from_a_model_only_when_it_changed_it() -> None:
    model = ScriptedModel(["Il paie 1.250,50 francs.", "Il paie X1 francs."], is_chat=False)
    done = run(translate, model=model, text="He pays 1,250.50 francs.", source="en", target="fr")

    assert done.output == "Il paie 1,250.50 francs."
    assert "1,250.50" in str(model.prompts[0])


def test_a_small_number_may_stay_in_the_words_that_the_model_insists_on() -> None:
    model = ScriptedModel(["Elle a cinq chats.", "Elle a des chats.", "Elle a cinq chats."], is_chat=False)
    done = run(translate, model=model, text="She has 5 cats.", source="en", target="fr")

    assert (done.output, done.logs) == ("Elle a cinq chats.", [])


def test_tags_in_another_order_are_asked_for_again() -> None:
    model = ScriptedModel(["X2 bon X1 jour", "Très X1 bon X2 jour"])
    done = run(translate, model=model, text="A very <b>good</b> day", source="en", target="fr")

    assert done.output == "Très <b>bon</b> jour"


def test_a_mask_that_the_model_made_up_is_not_shown() -> None:
    model = ScriptedModel(["X1 et X2", "X1 et X1", "et"])
    done = run(translate, model=model, text="{a} and", source="en", target="fr")

    assert done.output == "{a} et"


TEXTS_WITHOUT_WORDS = [
    "12345",
    "12 345,67 €",
    "---",
    "🙂 🙂\n",
    "①②",
    "https://example.com",
    "```\ncode()\n```",
    "١٢٣",
    "{a} %s",
]


@pytest.mark.parametrize("target", ["en", "zh"])
@pytest.mark.parametrize("source", ["detect", "en"])
@pytest.mark.parametrize("text", TEXTS_WITHOUT_WORDS)
def test_a_text_without_words_is_returned_as_it_is(text: str, source: str, target: str) -> None:
    model = ScriptedModel("Nonsense")
    done = run(translate, model=model, text=text, source=source, target=target)

    assert (done.output, model.calls) == (text, [])


def test_literals_do_not_decide_which_language_a_text_is_in() -> None:
    text = "Bonjour, {the_name_of_the_user}. https://example.com/this/is/the/way/to/the/house"
    done = run(translate, model=ScriptedModel("Hello, X1. X2"), text=text, target="en")

    assert done.logs == ["Detected language: French"]


@SAMPLES
@given(TEXTS, st.booleans())
@example("X1 {a} x2", False)
@example("X1<b>", True)
def test_masking_and_restoring_is_the_identity(text: str, numbers: bool) -> None:
    masks = Masks(text, numbers=numbers)

    assert masks.restore(masks.text) == text
    assert "".join(masks.split(masks.text)) == masks.text
    assert masks.lost(masks.text, masks.text) == []


@SAMPLES
@given(TEXTS)
@example("X1, Q2, Z3 and V4 {a}")
def test_no_text_forges_a_mask(text: str) -> None:
    masks = Masks(text + "{a}")

    assert len(masks) == len(find_literals(text + "{a}"))
    assert masks.restore(text) == text


@SAMPLES
@given(TEXTS.filter(str.strip))
def test_a_chat_model_that_changes_nothing_gives_the_text_back(text: str) -> None:
    assert translate_by(str, text, is_chat=True).output == text
