"""A pydantic model as one input: what it may hold, and what the function gets."""

from datetime import date
from enum import Enum
from typing import Annotated, Any

import pydantic
import pytest

from gptstore.sdk import Context, Field, InputError, LongText, Tool, ToolDefinitionError, tool


class Tone(Enum):
    WARM = "warm"
    COOL = "cool"


class Letter(pydantic.BaseModel):
    """A letter."""

    model_config = pydantic.ConfigDict(frozen=True)

    text: LongText = pydantic.Field(title="Words", description="What it says.")
    schema_: str = "plain"
    copy_to: Annotated[list[str], Field(max_length=2)] = pydantic.Field(default_factory=lambda: ["Bob"])
    tones: list[Tone] = [Tone.WARM]
    day: date | None = None

    @property
    def words(self) -> int:
        return len(self.text.split())


def taking(annotation: Any, *default: Any) -> Tool:
    def taking(ctx: Context, value: Any) -> str:
        """Take a value."""
        return str(value)

    taking.__annotations__["value"] = annotation
    taking.__defaults__ = default or None
    return tool(taking)


def model_of(annotation: Any, *default: Any, **options: Any) -> type[pydantic.BaseModel]:
    return pydantic.create_model("Model", field=(annotation, *(default or (...,))), **options)


def test_the_function_gets_an_instance_of_the_model_with_its_defaults() -> None:
    value = taking(Letter).check_input({"value": {"text": "Dear Bob", "day": "2026-02-28", "tones": ["cool"]}})["value"]

    assert type(value) is Letter
    assert value == Letter(text="Dear Bob", day=date(2026, 2, 28), tones=[Tone.COOL])
    assert (value.copy_to, value.words) == (["Bob"], 2)


def test_a_test_of_the_tool_may_give_an_instance() -> None:
    letter = Letter(text="Dear Bob")
    assert taking(Letter).check_input({"value": letter}) == {"value": letter}


def test_the_titles_of_pydantics_own_field_are_kept() -> None:
    properties = taking(Letter).input_schema["properties"]["value"]["properties"]

    text = {"title": "Words", "description": "What it says.", "type": "string", "x-widget": "longtext"}
    assert properties["text"] == text
    assert properties["copy_to"]["default"] == ["Bob"]


def test_a_problem_is_named_by_its_path() -> None:
    with pytest.raises(InputError) as raised:
        taking(Letter).check_input({"value": {"text": 3, "tones": ["warm", "hot"], "other": 1}})

    assert {error["field"]: error["message"] for error in raised.value.errors} == {
        "value.text": "This must be a text.",
        "value.tones": "Entry 2: Choose one of: warm, cool.",
        "value.other": "There is no such field. Known fields: text, schema_, copy_to, tones, day.",
    }


class Checked(pydantic.BaseModel):
    city: str

    @pydantic.field_validator("city")
    @classmethod
    def capital(cls, city: str) -> str:
        return city.upper()


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (pydantic.create_model("Empty"), "Empty has no fields"),
        (Checked, "Checked has validators, which neither the form nor the API can run; check its values in the tool"),
        (model_of(Letter), "Model.field: a model inside a model is not supported. Supported are str"),
        (model_of(dict[str, int]), "Model.field: the type dict[str, int] is not supported"),
        (model_of(Annotated[str, pydantic.Field(min_length=1)]), "Model.field: use Field from gptstore.sdk instead"),
        (model_of(str, pydantic.Field(alias="other")), "Model.field: an alias is not supported"),
        (model_of(Annotated[str, Field(ge=1)]), "Model.field: Field(ge=…) fits int, float, not str"),
        (model_of(Annotated[str, Field(max_length=1)], "ab"), "Model.field: the default 'ab' does not fit: At most 1"),
        (model_of(Annotated[str, Field(group="More")]), "Model.field: Field(group=…) is for the tool's own parameters"),
        (Annotated[Letter, Field(group="More")], "Field(group=…) fits"),
        (Annotated[Letter, Field(examples=[{"text": 3}])], "does not fit: text: This must be a text"),
        (Annotated[str, Field(group=" ")], "Field(group=…) must not be empty"),
    ],
)  # fmt: skip
def test_a_model_that_makes_no_form_is_refused(annotation: Any, problem: str) -> None:
    with pytest.raises(ToolDefinitionError) as raised:
        taking(annotation)

    assert str(raised.value).startswith("tool taking, parameter 'value': ")
    assert problem in str(raised.value)
