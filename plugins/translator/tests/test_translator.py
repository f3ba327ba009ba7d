import pytest

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run
from gptstore_translator.prompts import completion_prompt
from gptstore_translator.tool import translate

GERMAN = "Guten Morgen, meine Damen und Herren. Das Wetter ist heute sehr schön."
LONG_TEXT = "\n\n".join(f"Paragraph {n} tells of the sea. The sea is wide. Nobody owns it." for n in range(80))


def base_model(reply, context_length=1024):
    return ScriptedModel(reply, is_chat=False, context_length=context_length)


def echo(prompt):
    """A translation that is the source in capitals, to see what went where."""
    text = prompt if isinstance(prompt, str) else prompt[-1]["content"]
    return f" {text.split(': ', 1)[1].rsplit(chr(10), 1)[0].upper()}\n" if isinstance(prompt, str) else text.upper()


def test_a_base_model_gets_one_sentence_at_a_time():
    model = base_model(echo)
    result = run(translate, model=model, text="I am here. Where are you?", source="en", target="fr")
    assert result.output == "I AM HERE. WHERE ARE YOU?"
    assert model.prompts == [
        completion_prompt("I am here.", "en", "fr"),
        completion_prompt("Where are you?", "en", "fr"),
    ]


def test_a_chat_model_gets_the_whole_text_and_the_names_of_both_languages():
    model = ScriptedModel("Je suis ici. Où es-tu ?")
    result = run(translate, model=model, text="I am here. Where are you?", source="en", target="fr")
    system, user = model.prompts[0]
    assert result.output == "Je suis ici. Où es-tu ?"
    assert "from English to French" in system["content"]
    assert user["content"] == "I am here. Where are you?"


@pytest.mark.parametrize("is_chat", [True, False])
def test_paragraphs_and_line_breaks_stay(is_chat):
    text = "Dear Anna,\n\nI am here. Where are you?\n\n  See you,\nMarie"
    result = run(translate, model=ScriptedModel(echo, is_chat=is_chat), text=text, source="en", target="de")
    assert result.output == text.upper()


def test_chinese_sentences_stand_without_spaces_and_western_ones_with():
    to_chinese = run(translate, model=base_model("好。"), text="I see. Come in.", source="en", target="zh")
    to_english = run(translate, model=base_model("Good."), text="好。请进。", source="zh", target="en")
    assert to_chinese.output == "好。好。"
    assert to_english.output == "Good. Good."


def test_the_detected_language_is_used_and_told():
    model = base_model("Good morning.")
    result = run(translate, model=model, text=GERMAN, target="en")
    assert result.logs == ["Detected language: German"]
    assert str(model.prompts[0]).startswith("German: ")


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_text_is_refused_before_the_model_is_asked(text):
    model = base_model("x")
    with pytest.raises(ToolError, match="Paste or type some text"):
        run(translate, model=model, text=text, target="fr")
    assert model.prompts == []


def test_the_same_language_on_both_sides_is_refused():
    with pytest.raises(ToolError, match="Both languages are German"):
        run(translate, model=base_model("x"), text=GERMAN, source="de", target="de")


def test_a_text_that_is_already_in_the_target_language_is_refused():
    with pytest.raises(ToolError, match="already in German"):
        run(translate, model=base_model("x"), text=GERMAN, target="de")


@pytest.mark.parametrize("is_chat", [True, False])
@pytest.mark.parametrize("context_length", [256, 1024, 128_000])
def test_a_long_text_is_translated_piece_by_piece_within_the_context(is_chat, context_length):
    model = ScriptedModel(echo, is_chat=is_chat, context_length=context_length)
    result = run(translate, model=model, text=LONG_TEXT, source="en", target="es")
    assert result.output == LONG_TEXT.upper()
    assert len(model.calls) > 1
    assert all(model.count_tokens(c.prompt) + c.max_tokens <= context_length for c in model.calls)
    assert [report.done for report in result.progress] == [*range(len(model.calls) + 1)]


def test_a_sentence_longer_than_the_context_is_cut_between_words():
    sentence = "and so " * 400 + "on."
    model = base_model(echo, context_length=256)
    result = run(translate, model=model, text=sentence, source="en", target="fr")
    assert result.output.split() == sentence.upper().split()
    assert all(model.count_tokens(c.prompt) + c.max_tokens <= 256 for c in model.calls)


def test_a_paragraph_longer_than_a_unit_is_cut_between_sentences_for_a_chat_model():
    paragraph = " ".join(f"This is sentence number {n}." for n in range(100))
    model = ScriptedModel(echo, context_length=512)
    result = run(translate, model=model, text=paragraph, source="en", target="fr")
    assert len(model.calls) > 1
    assert result.output == paragraph.upper()
    assert all(prompt[-1]["content"].endswith(".") for prompt in model.prompts)


def test_a_context_too_small_for_the_work_is_refused():
    with pytest.raises(ToolError, match="only 128 tokens"):
        run(translate, model=ScriptedModel("x", context_length=128), text="Hello.", source="en", target="fr")


def test_numbers_and_rules_are_kept_without_asking_the_model():
    model = base_model("Bonjour.")
    result = run(translate, model=model, text="Hello.\n---\n12 345", source="en", target="fr")
    assert result.output == "Bonjour.\n---\n12 345"
    assert len(model.calls) == 1


def test_a_sentence_without_a_translation_is_left_as_it_is_and_named_in_the_log():
    model = base_model(["Bonjour.", ""])
    result = run(translate, model=model, text="Hello. Goodbye.", source="en", target="fr")
    assert result.output == "Bonjour. Goodbye."
    assert result.logs == ["The model gave no translation of part 2; it was left as it is: Goodbye."]


def test_a_canceled_job_stops_between_sentences():
    model = base_model("Oui.")
    ctx = ScriptedContext(model)
    answers = translate(ctx, "One is here. Two is here. Three is here.", source="en", target="fr")
    for piece in answers:
        if piece == " ":
            ctx.cancel()
    assert len(model.calls) == 1


def test_the_three_examples_run_as_they_are():
    assert len(translate.examples) == 3
    for example in translate.examples:
        result = run(translate, example.input, model=base_model("Ja."))
        assert result.output.count("Ja.") >= 7
