"""Splitting text into sentences, and into parts that fit into the model's context."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptstore.sdk.text import split_parts, split_sentences


def sentences(text: str) -> list[str]:
    """The sentences without their white space; the text itself must survive."""
    found = split_sentences(text)
    assert "".join(found) == text
    return [sentence.strip() for sentence in found]


@pytest.mark.parametrize(
    "expected",
    [
        # Full stops, questions and exclamations.
        ["One.", "Two?", "Three!", "Four?!", "Five"],
        ["Wait... what?", "Well… no.", "Really...", "Yes…", "No."],
        # Abbreviations, initials and numbers.
        ["Mr. Smith met Dr. Jones and Mrs. Brown.", "They talked."],
        ["It costs approx. 3.14 euros, i.e. little.", "Buy it."],
        ["We saw cats, dogs, etc. in the park.", "Then we left, etc.", "Nothing more."],
        ["J. K. Rowling lives in the U.S. state of Maine.", "She writes."],
        ["He lives in the U.S.", "The rest of us do not."],
        ["Neither do I.", "Nobody does."],
        ["See Fig. 3 and pp. 12 to 14, vol. 2.", "It is clear."],
        ["The answer is no.", "Ask again."],
        ["It happened in 1999.", "Nobody knew."],
        ["1. Open the box.", "2. Take it out."],
        ["Visit example.com or mail a.b@example.org today.", "Thanks."],
        # Quotes and brackets after the end.
        ['"Stop!" he cried.', '"Why?"', "He left."],
        ["“It is late.”", "She went (at last.)", "Good."],
        ["‘Is it?’ she asked.", "[It was.]", "Fine."],
        # German.
        ["Am 3. Oktober kam Dr. Müller z. B. aus Köln, d.h. vom Rhein.", "Er blieb."],
        ["Er sagte: „Komm!“", "Sie ging.", "»Warum?«", "Darum."],
        # French.
        ["Il dit : « Quoi ! »", "Puis M. Dupont partit.", "« Où ? »", "Loin."],
        ["C’est l’est.", "Vraiment ?", "Oui !"],
        # Spanish.
        ["¿Qué pasa?", "¡Nada!", "El Sr. Pérez vive en EE.UU. desde ayer.", "Es así."],
    ],
    ids=lambda expected: " ".join(expected)[:40],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["今天天气很好。", "我们去哪里？", "好！", "走吧"],
        ["他说：“我们走吧。”", "她没有回答。", "「为什么？」", "（不知道。）"],
        ["你好吗?", "我很好!", "谢谢。"],
        ["圆周率是3.14。", "对吗？！", "对。"],
    ],
    ids="".join,
)
def test_chinese_needs_no_space_between_sentences(expected: list[str]) -> None:
    assert sentences("".join(expected)) == expected


def test_an_opening_quote_belongs_to_the_sentence_that_it_opens() -> None:
    assert split_sentences("天黑了。“走吧！”他说。") == ["天黑了。", "“走吧！”", "他说。"]


def test_a_new_line_is_a_border_unless_the_line_was_only_wrapped() -> None:
    assert split_sentences("A title\n\nSome text\nwith Mr.\nSmith.\n") == [
        "A title\n\n",
        "Some text\nwith Mr.\nSmith.\n",
    ]
    assert split_sentences("A title\nSome text.\n") == ["A title\n", "Some text.\n"]


def test_white_space_stays_with_the_sentence_before_it_and_is_never_a_sentence() -> None:
    assert split_sentences("  One.  \n\n Two. \n") == ["  One.  \n\n ", "Two. \n"]
    assert split_sentences("\n \n One.") == ["\n \n One."]
    assert split_sentences("One. \t") == ["One. \t"]


def test_an_empty_text_has_no_sentence_and_a_blank_one_has_itself() -> None:
    assert split_sentences("") == []
    assert split_sentences(" \n ") == [" \n "]


ALPHABET = [*'aB3中é😀 .!?…。！\n"”»«“)(,\u00a0', "Mr.", "e.g.", "U.S.", " The ", ". ", "12."]


@pytest.mark.parametrize("seed", range(50))
def test_no_text_is_ever_changed(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(rng.choices(ALPHABET, k=rng.randint(0, 400)))

    found = split_sentences(text)

    assert "".join(found) == text
    assert all(found)
    assert not any(sentence.isspace() for sentence in found) or text.isspace()


@given(st.text() | st.text(st.sampled_from("aB1 .!?…:;。！《》”»(\n\r\u2028\x85\u00a0•-a)e\u0301क्ष한")))
def test_any_text_is_given_back(text: str) -> None:
    assert "".join(split_sentences(text)) == text
    assert "".join(split_parts(text, 5, len)) == text


LENGTH = 320_000
HARD_TEXTS = {
    "prose": "This is what Mr. Smith said, e.g. on Monday. " * (LENGTH // 45),
    "spaces": " " * LENGTH,
    "dots": "." * LENGTH,
    "dots with an end": "." * LENGTH + "x",
    "closing brackets": "." + ")" * LENGTH + "x",
    "quotes": '."' * (LENGTH // 2),
    "new lines": "\n" * LENGTH,
    "one word": "a" * LENGTH,
    "no sentence": "word " * (LENGTH // 5),
    "Chinese": "天很好。" * (LENGTH // 4),
    "abbreviations": "e.g. " * (LENGTH // 5),
    "short lines": "a\n" * (LENGTH // 2),
    "spaced dots": ". " * (LENGTH // 2) + "x",
    "list items": "1. " * (LENGTH // 3),
    "open titles": "《！" * (LENGTH // 2),
    "marks": "e" + "\u0301" * LENGTH,
}


@pytest.mark.parametrize("name", HARD_TEXTS)
def test_time_grows_no_faster_than_the_text(name: str) -> None:
    text = HARD_TEXTS[name]

    def seconds(part: str) -> float:
        started = time.process_time()
        split_sentences(part)
        return time.process_time() - started

    short = min(seconds(text[: LENGTH // 16]) for _ in range(3))
    assert seconds(text) < 16 * 8 * max(short, 0.001)


class Counter:
    """Counts tokens of about four characters, and how it was called."""

    def __init__(self) -> None:
        self.calls = 0
        self.characters = 0

    def __call__(self, text: str) -> int:
        self.calls += 1
        self.characters += len(text)
        return (len(text.encode()) + 3) // 4


def parts_of(text: str, max_tokens: int) -> list[str]:
    parts = split_parts(text, max_tokens, Counter())
    assert "".join(parts) == text
    assert all(Counter()(part) <= max_tokens for part in parts)
    assert all(parts)
    return parts


def test_a_text_that_fits_is_one_part() -> None:
    assert parts_of("Short. Very short.", 100) == ["Short. Very short."]
    assert parts_of("", 100) == []


def test_parts_end_with_sentences_and_are_filled_well() -> None:
    text = "".join(f"This is sentence number {number}. " for number in range(200))

    parts = parts_of(text, 100)

    assert all(part.endswith(". ") and part.startswith("This is") for part in parts)
    assert all(Counter()(part) >= 70 for part in parts[:-1])


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    text = "Short one. Elephants " + "trumpet " * 100 + "twice. Short two."

    parts = parts_of(text, 20)

    assert parts[0] == "Short one. "
    assert {word for part in parts for word in part.split()} == {
        "Short",
        "one.",
        "Elephants",
        "trumpet",
        "twice.",
        "two.",
    }


def test_a_word_that_is_too_long_is_cut_between_characters() -> None:
    parts = parts_of("x" * 1000 + " end", 10)

    assert len(parts) <= 1004 // 40 * 1.5
    assert all(len(part) >= 10 for part in parts_of("中文" * 100, 10)[:-1])


def test_a_character_is_never_cut_even_if_it_is_too_long() -> None:
    assert split_parts("😀a😀", 1, lambda text: 4 * text.count("😀") + text.count("a")) == ["😀", "a", "😀"]


@pytest.mark.parametrize("max_tokens", [0, -1])
def test_no_part_can_have_no_tokens(max_tokens: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split_parts("text", max_tokens, len)


@pytest.mark.parametrize("seed", range(50))
def test_parts_of_any_text_fit_and_keep_the_text(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(rng.choices([*ALPHABET, "word ", "x" * 50], k=rng.randint(0, 500)))

    parts_of(text, rng.randint(1, 60))


@pytest.mark.parametrize("name", HARD_TEXTS)
def test_tokens_are_counted_a_few_times_for_each_part_and_never_on_the_whole_text(name: str) -> None:
    count = Counter()

    parts = split_parts(HARD_TEXTS[name], 512, count)

    assert "".join(parts) == HARD_TEXTS[name]
    assert count.calls <= 4 * len(parts)
    assert count.characters <= 12 * len(HARD_TEXTS[name])
    assert len(parts) <= 1.3 * Counter()(HARD_TEXTS[name]) / 512 + 1


def test_a_text_that_changes_its_script_still_takes_few_counts() -> None:
    prose = "It was a long and quiet evening in the old town by the river. " * 80
    chinese = "这是一个漫长而安静的夜晚。" * 200
    count = Counter()

    parts = split_parts((prose + chinese) * 20, 256, count)

    assert count.calls <= 3 * len(parts)
