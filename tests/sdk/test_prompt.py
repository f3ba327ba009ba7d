"""One prompt for both kinds of model, and texts that are too long for it."""

import pytest

from gptstore.sdk import PromptTemplate, ToolError
from gptstore.sdk.testing import ScriptedModel

TEXT = "One is here. Two is here. Three is here."
LONG_TEXT = " ".join(f"This is sentence number {number} of a long text." for number in range(100))


def template(max_tokens: int | None = 20) -> PromptTemplate:
    return PromptTemplate(
        system="Sum up.", completion=lambda text: f"Text: {text}\nSummary:", stop="\n", max_tokens=max_tokens
    )


def base_model(context_length: int = 128) -> ScriptedModel:
    return ScriptedModel(" Three.\nText:", is_chat=False, context_length=context_length)


def test_a_base_model_continues_a_text_and_stops() -> None:
    model = base_model()

    assert "".join(template().stream(model, TEXT)) == " Three."
    assert model.prompts == [f"Text: {TEXT}\nSummary:"]
    assert (model.calls[0].max_tokens, model.calls[0].stop) == (20, ("\n",))


def test_a_chat_model_gets_messages_and_ends_its_answer_itself() -> None:
    model = ScriptedModel("Three.\nThat is all.")

    assert "".join(template().stream(model, f"\n{TEXT} ")) == "Three.\nThat is all."
    assert model.prompts == [[{"role": "system", "content": "Sum up."}, {"role": "user", "content": TEXT}]]


def test_the_users_message_can_be_more_than_the_text() -> None:
    asking = PromptTemplate(system="Answer.", completion=str.strip, user=lambda text: f"Passage: {text}\nWho?")

    assert asking.prompt(ScriptedModel(), "Ann.")[1] == {"role": "user", "content": "Passage: Ann.\nWho?"}


def test_what_is_asked_for_goes_before_what_the_template_says() -> None:
    model = base_model()
    [*template().stream(model, TEXT, max_tokens=3, stop="!", temperature=0.5)]

    assert (model.calls[0].max_tokens, model.calls[0].stop, model.calls[0].temperature) == (3, ("!",), 0.5)


def test_the_room_is_what_the_prompt_leaves() -> None:
    model = base_model()

    assert template().room(model, TEXT) == 128 - model.count_tokens(f"Text: {TEXT}\nSummary:")
    assert template().room(model) == 128 - model.count_tokens("Text: \nSummary:")
    assert template().room(model, LONG_TEXT) < 0


def test_a_text_fits_up_to_the_last_token_of_the_answer() -> None:
    needed = base_model().count_tokens(f"Text: {TEXT}\nSummary:") + 20

    assert template().fits(base_model(needed), TEXT)
    assert not template().fits(base_model(needed - 1), TEXT)


@pytest.mark.parametrize("is_chat", [True, False])
def test_parts_fit_and_lose_nothing(is_chat: bool) -> None:
    model = ScriptedModel(is_chat=is_chat, context_length=128)
    parts = template().split_to_fit(model, LONG_TEXT)

    assert "".join(parts) == LONG_TEXT
    assert len(parts) > 4
    assert all(part.rstrip().endswith(".") and template().fits(model, part) for part in parts)


def test_a_short_text_is_one_part() -> None:
    assert template().split_to_fit(base_model(), TEXT) == [TEXT]


def test_a_model_that_is_too_small_is_an_error_with_the_way_out() -> None:
    with pytest.raises(ToolError, match="only 60 tokens"):
        template().split_to_fit(base_model(60), TEXT)
    with pytest.raises(ToolError, match=r"^Ask in fewer words\.$"):
        template().split_to_fit(base_model(60), TEXT, too_small="Ask in fewer words.")


def test_who_forgets_how_long_an_answer_may_be_is_told() -> None:
    with pytest.raises(TypeError, match="give the PromptTemplate max_tokens"):
        template(None).fits(base_model(), TEXT)
    with pytest.raises(TypeError, match="give the PromptTemplate max_tokens"):
        template(None).split_to_fit(base_model(), TEXT)
