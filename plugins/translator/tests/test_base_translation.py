from gptstore.sdk.testing import ScriptedModel, run
from gptstore_translator.tool import translate

SOURCE = "I see a cat."
LOOP = "Je vois un chat et un chat et un chat et un chat et un chat et un"


def base_model(replies):
    return ScriptedModel(replies, is_chat=False)


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
