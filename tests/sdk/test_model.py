"""What a tool can ask of the model: answers with a form, choices, scores, and how parameters reach it."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, field_validator

from gptstore.sdk import AnswerError, Canceled, Sampling, ToolError
from gptstore.sdk.answer import answer_schema
from gptstore.sdk.call import Call
from gptstore.sdk.testing import ScriptedContext, ScriptedModel


class City(BaseModel):
    name: str
    people: Annotated[int, Field(ge=0)]
    on: Literal["river", "sea"] | None = None

    @field_validator("name")
    @classmethod
    def is_no_village(cls, name: str) -> str:
        if name == "Ville":
            raise ValueError("a village")
        return name


def test_parse_gives_an_instance_and_holds_the_model_to_the_schema() -> None:
    model = ScriptedModel('{"name": "Köln", "people": 1100000, "on": "river"}')

    city = model.parse(City, "Where?", max_tokens=50, seed=7)

    assert city == City(name="Köln", people=1_100_000, on="river")
    (call,) = model.calls
    assert (call.schema, call.max_tokens, call.seed) == (City.model_json_schema(), 50, 7)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ('{"name": "Köln", "peo', "ended before its City was complete: raise max_tokens"),
        ("", "ended before its City was complete: raise max_tokens"),
        ('{"name": "Köln", "people": -1}', "no valid City: people: Input should be greater"),
        ('{"name": "Ville", "people": 1}', "no valid City: name: Value error, a village"),
    ],
)
def test_an_answer_that_is_cut_off_or_refused_says_what_to_do(answer: str, message: str) -> None:
    with pytest.raises(AnswerError, match=message) as raised:
        ScriptedModel(answer).parse(City, "Where?")

    assert raised.value.answer == answer
    assert isinstance(raised.value, ToolError)


def test_max_tokens_cuts_a_scripted_form_as_a_real_one() -> None:
    with pytest.raises(AnswerError, match="raise max_tokens"):
        ScriptedModel('{"name": "Köln", "people": 1}').parse(City, "Where?", max_tokens=3)


def test_the_schema_leaves_out_what_only_pydantic_can_check() -> None:
    class Odd(BaseModel):
        format: str
        tags: set[str]
        day: Annotated[str, Field(json_schema_extra={"format": "date"})]
        path: Annotated[str, Field(json_schema_extra={"format": "path"})]

    properties = answer_schema(Odd)["properties"]

    assert properties["format"] == {"title": "Format", "type": "string"}
    assert "uniqueItems" not in properties["tags"]
    assert properties["day"]["format"] == "date"
    assert "format" not in properties["path"]


def test_choose_gives_one_of_the_choices_and_takes_the_likeliest() -> None:
    model = ScriptedModel(["no", "yes"])

    assert model.choose(["yes", "no"], "Is it?") == "no"
    assert model.choose(("yes", "no"), "Is it?", temperature=1.5) == "yes"

    assert model.calls == [
        Call("Is it?", temperature=0, choices=("yes", "no")),
        Call("Is it?", temperature=1.5, choices=("yes", "no")),
    ]


def test_a_choice_may_lose_the_space_that_it_begins_with() -> None:
    assert ScriptedModel("no").choose([" yes", " no"], "Is it?") == " no"


def test_what_is_no_choice_is_an_error() -> None:
    with pytest.raises(AnswerError, match="before it was one of the choices"):
        ScriptedModel("perhaps").choose(["yes", "no"], "Is it?")
    for choices in ([], ["yes", ""], "yes"):
        with pytest.raises(TypeError, match="one or more texts"):
            ScriptedModel("yes").choose(choices, "Is it?")


def test_scores_are_those_of_the_script() -> None:
    model = ScriptedModel(scores={" 阴": [-0.5, -2.0]})

    assert model.score("The weather:", " 阴") == [-0.5, -2.0]
    assert model.score("The weather:", " sunny today") == [-1.0, -1.0]
    assert ScriptedModel(scores=lambda prompt, text: [-len(prompt), -len(text)]).score("ab", "c") == [-2, -1]
    with pytest.raises(ToolError, match="not empty"):
        model.score("The weather:", "")


def test_every_way_to_ask_takes_every_parameter() -> None:
    params: Sampling = {
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 5,
        "min_p": 0.1,
        "repetition_penalty": 1.2,
        "stop": "\n\n",
        "seed": 1,
        "logprobs": 2,
        "thinking": True,
    }
    model = ScriptedModel("1")

    model.complete("a", **params)
    model.choose(["1"], "a", **params)

    assert set(params) == set(Sampling.__annotations__)
    for call in model.calls:
        assert call.given == {**params, "stop": ("\n\n",)}


def test_a_parameter_that_does_not_exist_is_named_at_once() -> None:
    misspelt: Any = {"temprature": 1}
    model = ScriptedModel("yes")

    for ask in (model.stream, model.complete, lambda prompt, **params: model.choose(["yes"], prompt, **params)):
        with pytest.raises(TypeError, match="takes no 'temprature'; it takes max_tokens, temperature"):
            ask("a", **misspelt)
    assert model.calls == []


def test_a_canceled_job_gets_no_scores_and_no_answers() -> None:
    ctx = ScriptedContext(ScriptedModel("yes"))
    assert ctx.model.choose(["yes"], "a") == "yes"
    assert ctx.model.score("a", "b") == [-1.0]
    assert ctx.prompts == ["a", "a"]

    ctx.cancel()

    with pytest.raises(Canceled):
        ctx.model.choose(["yes"], "a")
    with pytest.raises(Canceled):
        ctx.model.score("a", "b")


def test_a_call_takes_every_parameter_of_sampling_and_no_other() -> None:
    beside = {"prompt", "schema", "choices"}

    assert [name for name in Call.__dataclass_fields__ if name not in beside] == [*Sampling.__annotations__]
