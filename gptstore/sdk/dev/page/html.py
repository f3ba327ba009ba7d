"""The templates of the page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gptstore.sdk.translation import translation_into

_HERE = Path(__file__).parent


@cache
def environment(language: str) -> Environment:
    """Return what makes HTML of the templates in a language; every text is escaped."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    made.globals |= {"without_type": without_type, "icon": icon}
    made.globals |= {"_": translation_into(language).gettext, "language": language}
    made.filters["thousands"] = thousands
    return made


def draw(template: str, language: str = "en", /, **values: Any) -> str:
    """Return the HTML of a template, with its own texts in a language."""
    return environment(language).get_template(template).render(**values)


def icon(name: str) -> Any:
    """Return one of the pictures, which are the store's."""
    from markupsafe import Markup

    return Markup((_HERE / "icons" / f"{name}.svg").read_text(encoding="utf-8").strip())  # noqa: S704  our own file


def without_type(attributes: dict[str, object]) -> dict[str, object]:
    """Return the attributes of an element without the kind of the control, which stands first."""
    return {name: value for name, value in attributes.items() if name != "type"}


def thousands(number: float) -> str:
    """Return a number as people read it."""
    return f"{number:,}"
