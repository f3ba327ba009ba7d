"""The words of a text, in a form that can be compared, and how much each tells."""

import math

import pytest

from gptstore.sdk.words import IdfWeights, content_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Frogs of a pond", ["frog", "pond"]),
        ("A glass, a bus, gas", ["glass", "bus", "gas"]),
        ("He paid 2,500.75 in 1998 for 3", ["paid", "2,500.75", "1998", "3"]),
        ("Les chats et le chien", ["chat", "chien"]),
        ("Die Straße und der Weg", ["strasse", "weg"]),
        ("星期一开门", ["星期", "期一", "一开", "开门"]),
        ("门 A", ["门"]),
        ("of the, — …", []),
    ],
)
def test_words_carry_meaning_and_can_be_compared(text: str, words: list[str]) -> None:
    assert content_words(text) == words


def test_rare_words_weigh_more_and_unknown_ones_most() -> None:
    weights = IdfWeights([frozenset({"sea", "ship"}), frozenset({"sea"}), frozenset({"sea", "sand"})])

    assert weights.sum(["sea"]) == pytest.approx(math.log(2))
    assert weights.sum(["ship"]) == weights.sum(["unknown"]) == pytest.approx(math.log(4))
    assert weights.sum(["sea", "ship"]) == pytest.approx(math.log(8))
    assert weights.sum([]) == 0


def test_no_texts_are_no_reason_to_fail() -> None:
    assert IdfWeights([]).sum(["word"]) == pytest.approx(math.log(2))
