import pytest

from gptstore.sdk import TokenLogprob, ToolError
from gptstore.sdk.answer import logprobs_of
from gptstore.sdk.testing import ScriptedModel, run
from gptstore_chat.tool import chat

HELLO = {"role": "user", "content": "Hello!"}
TURNS = [HELLO, {"role": "assistant", "content": "Good morning."}, {"role": "user", "content": " Who are you?\n"}]


def test_a_chat_model_gets_the_messages_as_they_are_and_its_answer_comes_word_by_word():
    model = ScriptedModel("I am a  model.\n")

    result = run(chat, model=model, messages=TURNS)

    assert result.output == "I am a  model.\n"
    assert len(result.pieces) > 3
    assert model.prompts == [TURNS]


def test_instructions_come_first_and_join_those_of_the_conversation():
    model = ScriptedModel("Yes.")
    system = {"role": "system", "content": "Be kind."}

    run(chat, model=model, messages=TURNS, instructions="Be brief.")
    run(chat, model=model, messages=[system, HELLO], instructions="Be brief.")
    run(chat, model=model, messages=[system, HELLO], instructions=" \n")

    assert model.prompts[0] == [{"role": "system", "content": "Be brief."}, *TURNS]
    assert model.prompts[1] == [{"role": "system", "content": "Be brief.\n\nBe kind."}, HELLO]
    assert model.prompts[2] == [system, HELLO]


def test_a_base_model_goes_on_with_a_transcript_and_writes_no_turn_of_the_user():
    model = ScriptedModel(" A base model.\nUser: Really?", is_chat=False)

    result = run(chat, model=model, messages=TURNS, instructions="Two friends talk.", stop=["END"])

    assert result.output == "A base model."
    assert model.prompts == [
        "Two friends talk.\n\nUser: Hello!\nAssistant: Good morning.\nUser: Who are you?\nAssistant:"
    ]
    assert model.calls[0].stop == ("END", "\nUser:", "\nAssistant:")


@pytest.mark.parametrize("is_chat", [True, False])
def test_the_sampling_reaches_the_model(is_chat):
    model = ScriptedModel("Yes.", is_chat=is_chat)

    run(chat, model=model, messages=[HELLO], temperature=0.2, top_p=0.5, max_tokens=7, stop=["."], seed=3)
    run(chat, model=model, messages=[HELLO])

    given, plain = (call.given for call in model.calls)
    assert given["stop"][0] == "."
    assert {**given, "stop": None} == {"temperature": 0.2, "top_p": 0.5, "max_tokens": 7, "stop": None, "seed": 3}
    assert {*plain} - {"stop"} == {"temperature", "top_p"}


@pytest.mark.parametrize(("is_chat", "answer"), [(True, "Yes."), (False, "\n Yes.\n")])
def test_log_probabilities_come_with_the_answer(is_chat, answer):
    scripted = {"Yes": {"Yes": -0.5, "No": -1.5, "Maybe": -3.0}}
    model = ScriptedModel(answer, is_chat=is_chat, logprobs=scripted)

    result = run(chat, model=model, messages=[HELLO], logprobs=2)

    tokens = [one for piece in result.pieces for one in logprobs_of(piece)]
    assert (result.output, "".join(one.text for one in tokens).strip()) == ("Yes.", "Yes.")
    assert tokens[-1] == TokenLogprob(b".", 0.0)
    if is_chat:
        assert tokens[0] == TokenLogprob(b"Yes", -0.5, (TokenLogprob(b"Yes", -0.5), TokenLogprob(b"No", -1.5)))
    assert logprobs_of(run(chat, model=model, messages=[HELLO]).pieces[0]) == ()


@pytest.mark.parametrize("is_chat", [True, False])
def test_an_answer_may_have_to_fit_a_json_schema(is_chat):
    model = ScriptedModel('{"city": "Lisbon"}', is_chat=is_chat)

    result = run(chat, model=model, messages=[HELLO], json_schema='{"type": "object"}')

    assert result.output == '{"city": "Lisbon"}'
    assert model.calls[0].schema == {"type": "object"}
    assert model.calls[0].stop == ()  # a turn of the user may stand in a text of the JSON


@pytest.mark.parametrize(
    ("schema", "problem"),
    [("{", "is no JSON"), ("[" * 100_000, "is no JSON"), ("3", "must be a JSON object"), ('{"not": {}}', "not")],
)
def test_a_schema_that_no_model_can_be_held_to_is_refused_before_it_is_asked(schema, problem):
    model = ScriptedModel("{}")

    with pytest.raises(ToolError, match=problem):
        run(chat, {"messages": [HELLO], "json_schema": schema[:65_536]}, model=model)

    assert model.calls == []


@pytest.mark.parametrize("example", chat.examples, ids=lambda example: example.title)
@pytest.mark.parametrize("is_chat", [True, False])
def test_every_example_runs(example, is_chat):
    assert run(chat, example.input, model=ScriptedModel("{}", is_chat=is_chat)).output == "{}"
