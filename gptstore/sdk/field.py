"""The description of an input: `Annotated[str, Field(...)]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any


@dataclass(frozen=True, kw_only=True, eq=False)  # by identity: `Annotated[…, Field(examples=[…])] | None` needs a hash
class Field:
    """Limits and hints for one input, written as `Annotated[int, Field(ge=1, le=10)] = 3`.

    title: the label in the form; made from the parameter's name when left out.
    description: a sentence under the label.
    placeholder: grey text in the empty input.
    examples: values worth trying.
    ge, gt, le, lt: limits of an int or a float.
    min_length, max_length: characters of a text, or entries of a list.
    pattern: a regular expression that must be found in the text; `^…$` makes it match the whole.
    group: the heading of a group; the form shows inputs of the same group together.
    """

    title: str | None = None
    description: str | None = None
    placeholder: str | None = None
    examples: Sequence[Any] | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    group: str | None = None

    def given(self) -> dict[str, Any]:
        """Return the options that were set, by name."""
        options = {option.name: getattr(self, option.name) for option in fields(self)}
        return {name: value for name, value in options.items() if value is not None}

    def updated(self, other: Field) -> Field:
        """Return this field with the options that `other` sets."""
        return replace(self, **other.given())


@dataclass(frozen=True)
class Widget:
    """The form element that shows an input."""

    name: str


LongText = Annotated[str, Widget("longtext")]
"""A str that people write or paste many lines into."""
