"""What a person is told about an input that does not fit."""

from enum import IntEnum
from typing import Annotated, Any, Literal

import pytest

from gptstore.sdk import Context, Field, InputError, tool


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


@tool
def order(
    ctx: Context,
    dish: Annotated[str, Field(min_length=1, max_length=10)],
    pieces: Annotated[int, Field(ge=1, le=9)] = 1,
    weight: Annotated[float, Field(gt=0, lt=5)] = 1.0,
    kind: Literal["hot", "cold"] = "hot",
    size: Size = Size.SMALL,
    to_go: bool = False,
    extras: Annotated[list[str], Field(max_length=2)] = [],  # noqa: B006
    note: Annotated[str | None, Field(pattern="^[a-z ]*$")] = None,
    table: Annotated[str, Field(min_length=2)] = "A1",
) -> str:
    """Order a dish."""
    return dish


CANNOT_BE_KEPT = "This holds a character or a number that cannot be kept, such as NUL. Remove it."
NAMES = "dish, pieces, weight, kind, size, to_go, extras, note, table"


def problems(**data: Any) -> dict[str, str]:
    with pytest.raises(InputError) as raised:
        order.check_input({"dish": "soup", **data})
    return {error["field"]: error["message"] for error in raised.value.errors}


def test_defaults_are_filled_in_and_enum_values_become_members() -> None:
    checked = order.check_input({"dish": "soup", "size": 2, "pieces": 3.0})

    assert checked == {
        "dish": "soup",
        "pieces": 3,
        "weight": 1.0,
        "kind": "hot",
        "size": Size.LARGE,
        "to_go": False,
        "extras": [],
        "note": None,
        "table": "A1",
    }
    assert isinstance(checked["size"], Size)
    assert isinstance(checked["pieces"], int)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("dish", "", "This field is required."),
        ("dish", "spaghetti bolognese", "At most 10 characters; this has 19."),
        ("dish", 3, "This must be a text."),
        ("dish", None, "This must be a text."),
        ("dish", "half \ud83d", CANNOT_BE_KEPT),
        ("dish", "a\0b", CANNOT_BE_KEPT),
        ("table", "A", "At least 2 characters."),
        ("pieces", "3", "This must be a whole number."),
        ("pieces", 2.5, "This must be a whole number."),
        ("pieces", True, "This must be a whole number."),
        ("pieces", 0, "At least 1."),
        ("pieces", 10, "At most 9."),
        ("weight", "heavy", "This must be a number."),
        ("weight", True, "This must be a number."),
        ("weight", 0, "More than 0."),
        ("weight", 5, "Less than 5."),
        ("weight", float("nan"), CANNOT_BE_KEPT),
        ("kind", "warm", "Choose one of: hot, cold."),
        ("size", 3, "Choose one of: 1, 2."),
        ("size", True, "Choose one of: 1, 2."),
        ("to_go", "yes", "This must be true or false."),
        ("to_go", 1, "This must be true or false."),
        ("extras", "salt", "This must be a list."),
        ("extras", ["salt", 3], "Entry 2: This must be a text."),
        ("extras", ["a", "b", "c"], "At most 2 entries."),
        ("note", "NO!", "This must match the pattern ^[a-z ]*$."),
        ("note", 1, "This must be a text."),
        ("dishes", "soup", f"There is no such field. Known fields: {NAMES}."),
    ],
)
def test_each_problem_says_what_to_do(field: str, value: Any, message: str) -> None:
    assert problems(**{field: value}) == {field: message}


def test_an_input_like_no_other_is_answered_with_the_names_of_all() -> None:
    assert problems(zzz=1)["zzz"].endswith(f"Known fields: {NAMES}.")


def test_all_problems_are_told_at_once_in_the_order_of_the_form() -> None:
    with pytest.raises(InputError) as raised:
        order.check_input({"kind": "warm", "pieces": "many", "tabel": "A2"})

    assert [error["field"] for error in raised.value.errors] == ["dish", "pieces", "kind", "tabel"]
    assert raised.value.errors[0]["message"] == "This field is required."
    assert "pieces: This must be a whole number." in str(raised.value)


@pytest.mark.parametrize("data", [None, [], "soup", 3])
def test_an_input_that_is_no_object_is_a_problem_of_the_whole(data: Any) -> None:
    with pytest.raises(InputError) as raised:
        order.check_input(data)

    assert [error["field"] for error in raised.value.errors] == [""]


def test_keys_that_are_no_texts_are_refused() -> None:
    with pytest.raises(InputError):
        order.check_input({"dish": "soup", 3: 4})  # type: ignore[dict-item]


def test_a_tool_without_inputs_says_so() -> None:
    @tool
    def now(ctx: Context) -> str:
        """Tell the time."""
        return ""

    with pytest.raises(InputError, match="This tool has no inputs"):
        now.check_input({"zone": "UTC"})
