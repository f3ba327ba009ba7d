import pytest

from gptstore_base_model_aids.repetition import cut_runaway, find_repetition, find_runaway

SOURCE = "I see a cat."
LOOP = "Je vois un chat et un chat et un chat et un chat et un chat et un"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no no no no no", "no"),
        ("Oui, oui, oui, oui, oui.", "Oui"),
        (LOOP, "Je vois un chat et"),
        ("He is a man, he is a man, he is a man, he is a man", "He is a man"),
        ("I like to eat fish, I like to eat meat, I like to eat rice, I like to eat bread", "I like to eat fish"),
        ("我的朋友，我的朋友，我的朋友，我的朋友", "我的朋友"),
        ("他在家里家里家里家里", "他在家里"),
    ],
)
def test_the_second_time_of_a_phrase_that_does_not_end_is_found(text, kept):
    assert cut_runaway("No.", text) == kept


@pytest.mark.parametrize(
    "text",
    ["", "no no no", "Je vois un chat et un chien et un oiseau.", "He said that he knew that he was there.", "哈哈哈"],
)
def test_what_is_only_said_a_few_times_is_no_repetition(text):
    assert find_repetition(text) is None


def test_a_source_that_repeats_itself_may_have_a_translation_that_does():
    assert find_runaway("No, no, no, no, no!", "Non, non, non, non, non !") is None
    assert find_runaway("No!", "Non, non, non, non, non !") == len("Non, ")


@pytest.mark.parametrize(
    ("translation", "kept"),
    [
        ("Je vois un chat. Il est petit. Il est noir.", "Je vois un chat."),
        ("Je vois un chat. Non, non, non, non. Oui. Oui.", "Je vois un chat."),
    ],
)
def test_a_translation_that_goes_on_after_its_end_ends_there(translation, kept):
    assert cut_runaway(SOURCE, translation) == kept


def test_one_sentence_may_become_two():
    assert find_runaway(SOURCE, "Je vois. C'est un chat.") is None
