import pytest

from gptstore.sdk.testing import ScriptedModel, run
from gptstore_translator.repetition import cut_runaway, find_repetition, find_runaway
from gptstore_translator.translate import translate

SOURCE = "I see a cat."
LOOP = "Je vois un chat et un chat et un chat et un chat et un chat et un"


def base_model(replies):
    return ScriptedModel(replies, is_chat=False)


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


def test_a_base_model_gives_its_likeliest_translation():
    model = base_model("Je vois un chat.")
    run(translate, model=model, text=SOURCE, source="en", target="fr")
    assert [call.temperature for call in model.calls] == [0]


def test_a_sentence_without_an_end_is_translated_again_more_freely():
    model = base_model([LOOP, "Je vois un chat."])
    result = run(translate, model=model, text=SOURCE, source="en", target="fr")
    assert (result.output, result.logs) == ("Je vois un chat.", [])
    assert model.calls[1].temperature > model.calls[0].temperature


def test_a_sentence_that_never_ends_is_cut_and_named_in_the_log():
    model = base_model([LOOP, LOOP, "Il est noir."])
    result = run(translate, model=model, text=f"{SOURCE} It is black.", source="en", target="fr")
    assert result.output == "Je vois un chat et Il est noir."
    assert result.logs == [f"The model found no end for part 1; its translation was cut: {SOURCE}"]


def test_a_chat_model_streams_and_is_left_alone():
    model = ScriptedModel(LOOP)
    result = run(translate, model=model, text=SOURCE, source="en", target="fr")
    assert result.output == LOOP
    assert len(result.pieces) > 5
    assert len(model.calls) == 1
