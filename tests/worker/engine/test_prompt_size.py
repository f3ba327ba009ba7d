"""Texts that are too long: they are refused before they cost anything, and ordinary ones are not."""

from threading import Thread

import pytest

from harness.waiting import wait_until
from tests.worker.engine.listener import Listener, ask
from worker.engine import prompt_size
from worker.engine.errors import PromptTooLong, TextTooLong
from worker.engine.loop.turns import Turns
from worker.engine.protocol import Engine, Message, Prompt, Request
from worker.engine.text.tokenizer import PromptTokenizer

MEGABYTE = "The quick brown fox jumps over the lazy dog.\n" * 23_000


def error_of(engine: Engine, prompt: Prompt) -> object:
    return ask(engine, prompt).wait_for_finish("only").error


def test_a_prompt_that_cannot_fit_is_refused_with_the_limit(engine: Engine) -> None:
    error = error_of(engine, "x " * prompt_size.MIN_CHARACTERS)

    assert isinstance(error, TextTooLong)
    assert error.code == "prompt_too_long"
    assert "65,536 characters" in error.message
    assert "32,768 are read at once" in error.message


def test_a_text_is_counted_up_to_a_limit(engine: Engine) -> None:
    with pytest.raises(TextTooLong, match="4,000,001 characters, but at most 4,000,000"):
        engine.count_tokens("x" * 4_000_001)


def test_more_messages_than_tokens_are_refused(engine: Engine) -> None:
    messages = (Message("user", ""),) * (engine.info.context_length + 1)

    assert isinstance(error_of(engine, messages), TextTooLong)
    with pytest.raises(TextTooLong, match="messages"):
        engine.count_tokens(messages)


def test_nothing_is_tokenized_of_a_text_that_is_refused(gpt2: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PromptTokenizer, "encode", None)
    monkeypatch.setattr(PromptTokenizer, "encode_continued", None)

    assert isinstance(error_of(gpt2, MEGABYTE), TextTooLong)
    with pytest.raises(TextTooLong):
        gpt2.score("The", MEGABYTE)
    with pytest.raises(TextTooLong):
        gpt2.count_tokens(MEGABYTE * 4)


def test_a_prompt_that_is_a_little_too_long_names_its_tokens(gpt2: Engine) -> None:
    assert isinstance(error_of(gpt2, "The quick brown fox " * 100), PromptTooLong)


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_long_document_is_counted_in_pieces(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine: Engine = request.getfixturevalue(kind)
    sizes: list[int] = []
    encode = PromptTokenizer.encode

    def note(self: PromptTokenizer, prompt: Prompt) -> list[int]:
        sizes.append(prompt_size.characters(prompt))
        return encode(self, prompt)

    monkeypatch.setattr(PromptTokenizer, "encode", note)
    a_tenth = engine.count_tokens(MEGABYTE[: len(MEGABYTE) // 10])
    counted = engine.count_tokens(MEGABYTE)

    assert max(sizes) <= 200_000
    assert 10 * a_tenth - 10 <= counted <= 10 * a_tenth + 20


def test_long_texts_take_turns_and_short_ones_need_none(gpt2: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1)
    monkeypatch.setattr(gpt2._runner, "_turns", turns)  # type: ignore[attr-defined]

    with turns.take("somebody"):
        counting = Thread(target=gpt2.count_tokens, args=(MEGABYTE,), kwargs={"group": "another"})
        counting.start()
        wait_until(lambda: len(turns._queue) == 1, "a text that waits for its turn")
        assert gpt2.count_tokens("The quick brown fox", group="another") > 1
        assert counting.is_alive()
    counting.join()


def test_long_messages_are_counted_in_pieces(llama: Engine) -> None:
    whole = llama.count_tokens((Message("system", MEGABYTE), Message("user", "Hi")))

    assert llama.count_tokens(MEGABYTE) < whole < llama.count_tokens(MEGABYTE) + 50


def test_a_scored_text_counts_as_read(gpt2: Engine) -> None:
    listener = Listener()
    gpt2.submit(Request("scored", "The", continuation=" quick brown"), listener)

    assert listener.wait_for_finish("scored").usage.prompt_tokens == gpt2.count_tokens("The quick brown")
