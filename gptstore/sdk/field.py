"""The description of an input: `Annotated[str, Field(...)]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any

from gptstore.sdk.texts import Text, base_text

TEXTS = ("title", "description", "placeholder", "group")


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
    labels: for each choice, as a text, what the form calls it; made from the choice when left out.

    Title, description, placeholder, group and labels may be given in several languages: `{"en": …, "zh-Hans": …}`.
    """

    title: Text | None = None
    description: Text | None = None
    placeholder: Text | None = None
    examples: Sequence[Any] | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    group: Text | None = None
    labels: Mapping[str, Text] | None = None

    def given(self) -> dict[str, Any]:
        """Return the options that were set, by name."""
        options = {option.name: getattr(self, option.name) for option in fields(self)}
        return {name: value for name, value in options.items() if value is not None}

    def texts(self) -> Iterator[Text]:
        """Yield all texts for people, in the languages in which they were given."""
        yield from (text for name, text in self.given().items() if name in TEXTS)
        yield from (self.labels or {}).values()

    def in_base_language(self) -> Field:
        """Return this field with one language for each text. Raises Unsupported."""
        given: dict[str, Any] = {name: base_text(text) for name, text in self.given().items() if name in TEXTS}
        labels = self.labels and {choice: base_text(text) for choice, text in self.labels.items()}
        return replace(self, **given, labels=labels)

    def updated(self, other: Field) -> Field:
        """Return this field with the options that `other` sets."""
        return replace(self, **other.given())


@dataclass(frozen=True)
class Widget:
    """The form element that shows an input."""

    name: str


LongText = Annotated[str, Widget("longtext")]
"""A str that people write or paste many lines into."""
