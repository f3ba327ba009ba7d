"""docs/sdk.md has every public name of the SDK, and says of each what it is for."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Annotated

import pytest

from gptstore import sdk
from gptstore.sdk import Field
from scripts.sdk_names import GROUPS, SDK
from scripts.sdk_reference import as_markdown, bounds, render_sdk
from scripts.sdk_signatures import declaration

LISTED = {
    module: {name for group in GROUPS for name in group.names.get(module, ())}
    for group in GROUPS
    for module in group.names
}
HELPERS = sorted(LISTED.keys() - {SDK, f"{SDK}.answer", f"{SDK}.sampling"})


def test_every_name_that_authors_import_is_there() -> None:
    assert LISTED[SDK] == {*sdk.__all__} - {"md"}  # a module, whose functions are there


@pytest.mark.parametrize("module", HELPERS)
def test_every_function_and_class_of_a_module_for_authors_is_there(module: str) -> None:
    found = import_module(module)
    own = {name for name, value in vars(found).items() if getattr(value, "__module__", "") == module}
    public = {name for name in own if inspect.isroutine(vars(found)[name]) or inspect.isclass(vars(found)[name])}

    assert LISTED[module] == {name for name in {*public, *getattr(found, "__all__", ())} if not name.startswith("_")}


def test_nothing_on_the_page_changes_from_run_to_run() -> None:
    assert " at 0x" not in render_sdk()


def plain(text: str, *, count: int = 3) -> list[str]:
    """Do something.

    text: what to do it with,
    again and again. count: how often.
    Raises ValueError, always.
    """
    raise ValueError


def test_a_function_is_shown_as_it_is_called() -> None:
    assert declaration("plain", plain) == "plain(text: str, *, count: int = 3) -> list[str]"
    assert as_markdown(plain, inspect.getdoc(plain), "plain") == (
        "Do something.\n\n"
        "- `text`: what to do it with,\n  again and again. count: how often.\n\nRaises ValueError, always."
    )


@pytest.mark.parametrize("undocumented", [lambda: None, type("Bare", (), {})])
def test_a_name_without_a_docstring_is_an_error(undocumented: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="bare has no docstring"):
        as_markdown(undocumented, undocumented.__doc__, "bare")


def test_the_limits_of_an_input_are_a_sentence() -> None:
    assert bounds(Field(ge=0, lt=2_000)) == "At least 0, less than 2,000."
    assert declaration("Few", Annotated[list[str], Field(max_length=3)]) == "Few = Annotated[list[str], ...]"
