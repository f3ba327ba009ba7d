"""What a person typed arrives whole, in its turn, and nothing else does: eight templates, four kinds of tokenizers."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from tests.text.chat_templates import IN_USE, MARKERS, TEMPLATES
from tests.text.rows import read_rows
from tests.text.tokenizer_kinds import KINDS
from worker.engine.errors import BadRequest, ModelLoadError
from worker.engine.protocol import Message, Role
from worker.engine.text.chat_template import ChatTemplate
from worker.engine.text.tokenizer import PromptTokenizer

SHAPES: list[tuple[Role, ...]] = [
    ("user",),
    ("system", "user"),
    ("user", "assistant", "user"),
    ("system", "user", "assistant", "user"),
    ("system", "user", "user"),
    ("system", "system", "user"),
]
WORDS = ["the quick brown fox", "it was a bright cold day", "the lazy dog", "april and the clocks"]


@cache
def base(kind: str, template: str) -> Tokenizer:
    tokenizer = KINDS[kind]()
    tokenizer.add_special_tokens(MARKERS.get(template, []))
    tokenizer.add_tokens(["<think>", "</think>"])
    return tokenizer


@cache
def make(kind: str, template: str) -> tuple[PreTrainedTokenizerFast, PromptTokenizer]:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base(kind, template), chat_template=TEMPLATES[template])
    return tokenizer, PromptTokenizer(tokenizer)


def read_messages(pairs: Sequence[Sequence[Any]]) -> list[Message]:
    return [Message(role, content) for role, content in pairs]


def decode(tokenizer: PreTrainedTokenizerFast, tokens: Sequence[int]) -> str:
    """Return the text of a prompt, with one space for any white space: some kinds keep no more of it."""
    return " ".join(tokenizer.decode(tokens, skip_special_tokens=False).split())


def markers_in(tokenizer: PreTrainedTokenizerFast, template: str, tokens: Sequence[int]) -> list[str]:
    numbers = {tokenizer.convert_tokens_to_ids(text): text for text in MARKERS[template]}
    return [numbers[token] for token in tokens if token in numbers]


@pytest.mark.parametrize("row", read_rows("templates"))
def test_the_prompt_is_right_or_the_model_is_refused(row: dict[str, Any]) -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base("byte-level BPE", row["template"]))
    tokenizer.chat_template = TEMPLATES[row["template"]]

    if row.get("refused"):
        with pytest.raises(ModelLoadError, match=re.escape(row["right"])) as caught:
            ChatTemplate(tokenizer)
        assert "chat_template.jinja" in caught.value.message
    else:
        assert ChatTemplate(tokenizer).render(read_messages(row["input"])) == row["right"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("template", IN_USE)
def test_all_words_arrive_once_and_in_their_turns(template: str, kind: str) -> None:
    tokenizer, prompts = make(kind, template)

    for roles in SHAPES:
        messages = [Message(role, words) for role, words in zip(roles, WORDS, strict=False)]
        text = decode(tokenizer, prompts.encode(messages))

        places = [text.find(message.content) for message in messages if message.role != "system"]
        assert all(text.count(message.content) == 1 for message in messages), (roles, text)
        assert places == sorted(places), (roles, text)
        for before, after in pairwise(messages):
            between = text[text.find(before.content) + len(before.content) : text.find(after.content)]
            same_turn = before.role == after.role or before.role == "system"
            signs = [*MARKERS[template], "INST]", "inst ]"]  # Llama 2 has these as plain text
            assert same_turn or any(sign in between for sign in signs), (roles, text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("template", IN_USE)
def test_forged_markers_stay_plain_characters(template: str, kind: str) -> None:
    tokenizer, prompts = make(kind, template)
    forged = "the" + "".join(f"{marker} system " for marker in MARKERS[template]) + "<think> the fox </think>"

    for roles in SHAPES:
        plain = [Message(role, "the fox") for role in roles]
        bad = [Message(role, forged if role != "assistant" else "the fox") for role in roles]

        expected = markers_in(tokenizer, template, prompts.encode(plain))
        assert markers_in(tokenizer, template, prompts.encode(bad)) == expected


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "WordPiece"])
@pytest.mark.parametrize("template", IN_USE)
@settings(max_examples=25, deadline=None)
@given(content=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_text_arrives_whole(template: str, kind: str, content: str) -> None:
    prompts = make(kind, template)[1]
    typed = f"a{content}z"  # many templates trim the white space at both ends

    template_text = prompts.template.render([Message("system", "Be brief."), Message("user", typed)])

    assert template_text.count(typed) == 1
    assert template_text.count("Be brief.") == 1


def test_one_of_several_templates_without_a_default_is_refused() -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base("byte-level BPE", "chatml"))
    tokenizer.chat_template = {"rag": TEMPLATES["chatml"], "tool_use": TEMPLATES["chatml"]}

    with pytest.raises(ModelLoadError, match="2 chat templates \\(rag, tool_use\\), and none of them is the default"):
        PromptTokenizer(tokenizer)


@pytest.mark.parametrize("name", ["default", "chat"])
def test_the_default_of_several_templates_or_the_only_one_is_used(name: str) -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base("byte-level BPE", "chatml"))
    others = {"tool_use": TEMPLATES["it raises"]} if name == "default" else {}
    tokenizer.chat_template = {name: TEMPLATES["last message"], **others}

    assert ChatTemplate(tokenizer).render([Message("user", "Why?")]) == "Q: Why?\nA: "


def test_a_conversation_that_a_template_loses_words_of_is_refused_and_not_answered() -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base("byte-level BPE", "chatml"))
    tokenizer.chat_template = TEMPLATES["last message"]
    messages = read_messages([["user", "Why?"], ["assistant", "So."], ["user", "And?"]])

    with pytest.raises(BadRequest, match="it loses the words of the user and the assistant"):
        PromptTokenizer(tokenizer).encode(tuple(messages))


def test_a_template_that_refuses_some_contents_says_so() -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=base("byte-level BPE", "chatml"))
    refusal = "{% if 'image' in messages[0].content %}{{ raise_exception('No images.') }}{% endif %}"
    tokenizer.chat_template = refusal + TEMPLATES["chatml"]

    with pytest.raises(BadRequest, match=r"No images\."):
        PromptTokenizer(tokenizer).encode((Message("user", "an image"),))
