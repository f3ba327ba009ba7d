"""Thoughts are no part of an answer, whichever engine gives it, and wherever the borders between tokens fall."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken
from transformers import AutoTokenizer

import gptstore.sdk
from gptstore.sdk.testing import ScriptedModel
from tests.text.chat_templates import TEMPLATES
from tests.text.rows import read_rows
from tests.worker.engine.listener import ask
from tests.worker.engine.models import CHAT_TEMPLATE, save_llama
from worker.engine.local.loading import load_engine
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Message
from worker.engine.text.tokenizer import PromptTokenizer
from worker.engine.thoughts import PAIRS, ThoughtFilter

CHAT = (Message("user", "the quick brown fox"),)
ASKED: list[gptstore.sdk.Message] = [{"role": "user", "content": "What does the fox do?"}]
ROWS = read_rows("thinking")
CLOSED = [row for row in ROWS if "opened" not in row.values[0]]


def pair(opening: str | None) -> Any:
    return next((pair for pair in PAIRS if pair.opening == opening), None)


def split(pieces: list[str], opened: str | None = None, **options: bool) -> tuple[str, str]:
    """Return the thoughts and the answer of a stream."""
    thoughts = ThoughtFilter(opened=pair(opened), **options)
    both = [*map(thoughts.feed, pieces), thoughts.flush()]
    return "".join(one for one, _ in both), "".join(one for _, one in both)


def cut(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@pytest.mark.parametrize("row", ROWS)
def test_thoughts_and_answer_are_told_apart_in_tokens_of_any_size(row: dict[str, Any]) -> None:
    for size in range(1, len(row["input"]) + 2):
        thoughts, answer = split(cut(row["input"], size), row.get("opened"))

        assert answer == row["right"]
        assert thoughts.strip() == row.get("thoughts", "")


@pytest.mark.parametrize("row", CLOSED)
@pytest.mark.parametrize("thinking", [False, True])
def test_an_engine_gives_the_answer_alone_and_the_thoughts_if_asked(row: dict[str, Any], thinking: bool) -> None:
    pieces = cut(row["input"], 3)
    engine = ScriptedEngine(lambda request: pieces)

    heard = ask(engine, CHAT, thinking=thinking)
    engine.close()

    thoughts = "".join(output.thoughts for output in heard.outputs)
    assert heard.text("only") == row["right"]
    assert thoughts.strip() == (row.get("thoughts", "") if thinking else "")
    assert heard.wait_for_finish("only").usage.completion_tokens == len(pieces)
    assert sum(output.tokens for output in heard.outputs) == len(pieces)


@pytest.mark.parametrize("row", [row for row in CLOSED if row.values[0]["input"].lstrip()[:7] == "<think>"])
def test_the_scripted_model_does_the_same(row: dict[str, Any]) -> None:
    model = ScriptedModel(row["input"])

    plain, thinking = model.complete(ASKED), model.complete(ASKED, thinking=True)

    assert plain == thinking == row["right"]
    assert plain.thoughts == ""
    assert thinking.thoughts == row.get("thoughts", "")


@given(st.text(), st.text(), st.integers(1, 7))
def test_any_thoughts_are_taken_out_whole(thoughts: str, answer: str, size: int) -> None:
    thoughts, answer = thoughts.replace("</think>", ""), f"a{answer}"

    assert split(cut(f"<think>{thoughts}</think>\n{answer}", size)) == (thoughts, answer)


@given(st.text(st.sampled_from("<think>/ \n[THINK]a")), st.integers(1, 5))
def test_nothing_of_a_stream_is_lost_but_markers_and_the_white_space_after_them(text: str, size: int) -> None:
    thoughts, answer = split(cut(text, size))

    assert split([text]) == (thoughts, answer)
    left = iter(thoughts + answer)
    assert len(thoughts + answer) <= len(text)
    if not text.lstrip().startswith(("<think>", "[THINK]")):
        assert "".join(left) == text


def test_a_server_that_held_the_model_to_a_form_gave_the_answer_without_thoughts() -> None:
    assert split(cut('{"n": 1}', 2), "<think>", is_answer_unclosed=True) == ("", '{"n": 1}')
    assert split(cut('Hm.</think>{"n": 1}', 2), "<think>", is_answer_unclosed=True) == ("Hm.", '{"n": 1}')


def test_what_stands_in_the_token_of_the_marker_is_no_part_of_a_form() -> None:
    assert split(["Hm.", "</think>\n\n{", '{"n": 1}'], "<think>", is_constrained=True) == ("Hm.", '{"n": 1}')


def test_a_stop_string_and_a_limit_count_for_the_answer_alone() -> None:
    pieces = [
        "<think>",
        "one ",
        "two ",
        "stop ",
        "three ",
        "</think>",
        "\n",
        "four ",
        "five ",
        "six ",
        "stop ",
        "seven",
    ]
    engine = ScriptedEngine(lambda request: pieces)

    stopped, limited = ask(engine, CHAT, stop=("stop",)), ask(engine, CHAT, max_tokens=3)
    engine.close()

    assert (stopped.text("only"), stopped.wait_for_finish("only").reason) == ("four five six ", "stop")
    assert (limited.text("only"), limited.wait_for_finish("only").reason) == ("four five ", "length")


def test_plain_text_has_no_thoughts() -> None:
    engine = ScriptedEngine(lambda request: ["<think>", "x", "</think>"])

    assert ask(engine, "the quick").text("only") == "<think>x</think>"
    engine.close()


# Local models: a tiny one, whose words mean nothing, with the templates of thinking models.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llama(tmp_path_factory.mktemp("thinking") / "llama")


@pytest.fixture
def load(folder: Path, tmp_path: Path) -> Iterator[Any]:
    made: list[Engine] = []

    def load(template: str) -> Engine:
        shutil.copytree(folder, tmp_path / "model")
        (tmp_path / "model" / "chat_template.jinja").write_text(template)
        made.append(load_engine(str(tmp_path / "model"), device="cpu"))
        return made[-1]

    yield load
    for engine in made:
        engine.close()


OPENED = CHAT_TEMPLATE + "{{ '<think>\n' }}"
SWITCHED = CHAT_TEMPLATE + "{% if enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}{% endif %}"
ITSELF = CHAT_TEMPLATE.replace("message['content']", "message['content'].split('</think>')[-1]")


@pytest.mark.parametrize(
    ("template", "thinking"),
    [(OPENED, "always"), (SWITCHED, "optional"), (ITSELF, "always"), (CHAT_TEMPLATE, "never")],
)
def test_a_model_says_whether_it_thinks(load: Any, template: str, thinking: str) -> None:
    assert load(template).info.thinking == thinking


def test_thoughts_that_never_end_are_ended_so_that_there_is_room_for_an_answer(load: Any) -> None:
    engine = load(OPENED)

    heard = ask(engine, CHAT, max_tokens=20, thinking=True, temperature=0)

    finish = heard.wait_for_finish("only")
    room = engine.info.context_length - finish.usage.prompt_tokens
    thoughts = "".join(output.thoughts for output in heard.outputs)
    assert finish.reason == "length"
    assert room - 20 < finish.usage.completion_tokens <= room
    assert len(thoughts) > len(heard.text("only")) > 0
    assert "think>" not in thoughts + heard.text("only")


def test_without_the_wish_for_them_no_thoughts_are_given_but_they_count(load: Any) -> None:
    heard = ask(load(OPENED), CHAT, max_tokens=20, temperature=0)

    assert [output for output in heard.outputs if output.thoughts] == []
    assert heard.wait_for_finish("only").usage.completion_tokens > 40


def test_a_form_is_kept_to_after_the_thoughts(load: Any) -> None:
    engine = load(OPENED)
    schema = {"type": "object", "properties": {"n": {"enum": [1, 2]}}, "required": ["n"], "additionalProperties": False}

    chosen = ask(engine, CHAT, choices=("yes", "no"), thinking=True)
    shaped = ask(engine, CHAT, schema=json.dumps(schema), max_tokens=40)

    assert chosen.text("only") in ("yes", "no")
    assert "".join(output.thoughts for output in chosen.outputs)
    assert json.loads(shaped.text("only"))["n"] in (1, 2)
    assert shaped.wait_for_finish("only").reason == "stop"


def test_a_model_that_has_the_choice_thinks_only_if_asked(load: Any) -> None:
    engine = load(SWITCHED)

    plain, thinking = (ask(engine, CHAT, max_tokens=9, temperature=0, thinking=one) for one in (False, True))

    assert plain.wait_for_finish("only").usage.completion_tokens == 9
    assert thinking.wait_for_finish("only").usage.completion_tokens > 18
    assert "".join(output.thoughts for output in thinking.outputs)


def test_a_continuation_is_scored_as_an_answer_and_not_as_a_thought(load: Any, folder: Path) -> None:
    engine = load(OPENED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompt = f"<|user|>{CHAT[0].content}<|end|><|assistant|><think>\n\n</think>\n\n"

    expected = engine.score(tokenizer.decode(tokenizer(prompt).input_ids), "dog")

    assert len(engine.score(CHAT, "dog")) == len(expected)


def test_markers_of_thoughts_that_are_special_tokens_are_found(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([AddedToken("[THINK]", special=True), AddedToken("[/THINK]", special=True)])
    tokenizer.chat_template = TEMPLATES["chatml"]
    prompts = PromptTokenizer(tokenizer)
    thoughts = prompts.thoughts(CHAT, SamplingParams())
    assert thoughts is not None
    detokenizer = prompts.detokenizer(CHAT, [])

    texts = [detokenizer.feed(token) for token in prompts.encode_text("[THINK]the fox[/THINK]the dog")]
    both = [*map(thoughts.feed, [*texts, detokenizer.finish()]), thoughts.flush()]

    assert "".join(answer for _, answer in both).strip() == "the dog"
