"""Text appears in whole characters, and all of it together is what decoding all tokens at once gives."""

import random
from collections.abc import Sequence

import pytest
from tokenizers import AddedToken, Tokenizer
from transformers import PreTrainedTokenizerFast

from tests.worker.engine.models import END, byte_level_tokenizer, metaspace_tokenizer
from worker.engine.text.detokenizer import Detokenizer, WindowDetokenizer
from worker.engine.text.tokenizer import PromptTokenizer

TEXTS = [
    "The quick brown fox.",
    "你好，世界。𠮷野家的龘字",
    "Smile 😀 and wave 👋🏽, the family 👨‍👩‍👧 is here.",
    "Grüße aus Köln,\n\n\ttrès  élégant   niño ",
    "def f(x):\n    return x  # naïve\n",
    "العربية हिन्दी ไทย 한국어",
]


@pytest.fixture(scope="module")
def byte_level() -> Tokenizer:
    tokenizer = byte_level_tokenizer()
    tokenizer.add_tokens([AddedToken("中 ü x", normalized=False), AddedToken("plain", normalized=False)])
    return tokenizer


@pytest.fixture(scope="module")
def metaspace() -> Tokenizer:
    return metaspace_tokenizer()


def prompt_tokenizer(tokenizer: Tokenizer) -> PromptTokenizer:
    return PromptTokenizer(PreTrainedTokenizerFast(tokenizer_object=tokenizer))


def read(detokenizer: Detokenizer, tokens: Sequence[int]) -> list[str]:
    return [*(detokenizer.feed(token) for token in tokens), detokenizer.finish()]


@pytest.mark.parametrize("kind", ["byte_level", "metaspace"])
@pytest.mark.parametrize("text", TEXTS)
def test_no_piece_holds_half_a_character(kind: str, text: str, request: pytest.FixtureRequest) -> None:
    tokenizer = request.getfixturevalue(kind)

    pieces = read(prompt_tokenizer(tokenizer).detokenizer((), ()), tokenizer.encode(text, add_special_tokens=False).ids)

    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)
    assert sum(bool(piece) for piece in pieces) > 3


@pytest.mark.parametrize("seed", range(30))
def test_random_tokens_read_as_they_decode_at_once(byte_level: Tokenizer, seed: int) -> None:
    """Given tokens that need not be valid UTF-8, with special and added ones among them."""
    rng = random.Random(seed)
    tokens = [rng.randrange(byte_level.get_vocab_size() + 5) for _ in range(60)]

    text = "".join(read(prompt_tokenizer(byte_level).detokenizer((), ()), tokens))

    whole = byte_level.decode(tokens)
    assert whole in (text, text + "\ufffd")  # an incomplete last character is dropped


@pytest.mark.parametrize("kind", ["byte_level", "metaspace"])
def test_a_character_cut_off_at_the_end_is_dropped(kind: str, request: pytest.FixtureRequest) -> None:
    tokenizer = request.getfixturevalue(kind)
    tokens = tokenizer.encode("ab 龘", add_special_tokens=False).ids

    pieces = read(prompt_tokenizer(tokenizer).detokenizer((), ()), tokens[:-1])

    assert "".join(pieces) == "ab "


def test_special_tokens_are_not_shown(byte_level: Tokenizer) -> None:
    end = byte_level.token_to_id(END)
    tokens = byte_level.encode("good day").ids

    assert "".join(read(prompt_tokenizer(byte_level).detokenizer((), ()), [end, *tokens, end])) == "good day"


@pytest.mark.parametrize("kind", ["byte_level", "metaspace"])
def test_a_continuation_keeps_the_space_before_its_first_word(kind: str, request: pytest.FixtureRequest) -> None:
    tokenizer = request.getfixturevalue(kind)
    tokens = tokenizer.encode("The quick brown fox", add_special_tokens=False).ids
    cut = next(at for at in range(len(tokens), 0, -1) if tokenizer.decode(tokens[:at]) == "The quick")

    pieces = read(prompt_tokenizer(tokenizer).detokenizer("The quick", tokens[:cut]), tokens[cut:])

    assert "".join(pieces) == " brown fox"


def test_an_answer_to_messages_begins_without_a_space(metaspace: Tokenizer) -> None:
    tokens = metaspace.encode("The quick brown fox", add_special_tokens=False).ids

    pieces = read(prompt_tokenizer(metaspace).detokenizer((), [1, 2, 3]), tokens)

    assert "".join(pieces) == "The quick brown fox"


@pytest.mark.parametrize("piece", ["a", "", "\ufffd"])
def test_the_window_stays_small_whatever_is_said(piece: str) -> None:
    longest = 0

    def decode(tokens: Sequence[int]) -> str:
        nonlocal longest
        longest = max(longest, len(tokens))
        return piece * len(tokens)

    read(WindowDetokenizer(decode, range(1000)), range(1000))

    assert longest < 32
