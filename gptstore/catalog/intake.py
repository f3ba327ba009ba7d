"""Problems of a manifest's tools that would show when the catalogue stores them, or somebody opens their forms."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool
from gptstore.catalog.sync import as_reason, fill
from gptstore.sdk.icon import IconError
from gptstore.sdk.problem import Problem
from gptstore.sdk.text_limits import is_slug

MAX_DEPTH = 12
"""Of a schema: an object within a list within an object is as deep as a form goes."""

REFERENCES = {"$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor", "$defs", "$schema"}
SLUG_FORM = "give one of lower-case letters, digits and single hyphens"


def find_problems(manifest: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the tools of a manifest, which fits the model `gptstore.sdk.manifest.Manifest`."""
    if "\\u0000" in json.dumps(manifest):
        yield Problem("card", "a text has a NUL character", "take it out")
        return
    slugs = [tool["slug"] for tool in manifest["tools"]]
    for slug in sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        yield Problem("slug", f"two tools have the slug {slug!r}", "give one of them another")
    for tool in manifest["tools"]:
        yield from find_card_problems(tool, manifest)
        wrong = [*find_schema_problems(tool, "input_schema"), *find_schema_problems(tool, "settings_schema")]
        yield from wrong or find_example_problems(tool)


def find_card_problems(described: dict[str, Any], manifest: dict[str, Any]) -> Iterator[Problem]:
    for what in ("slug", "category"):
        if not is_slug(described[what]):
            yield Problem("card", f"tool {described['slug']!r}: {described[what]!r} is no {what}", SLUG_FORM)
    tool = Tool()
    try:
        fill(tool, described, manifest)
        tool.full_clean(exclude=["category", "slug"], validate_unique=False)
    except ValidationError as error:
        yield Problem("card", f"tool {described['slug']!r}: {as_reason(error)}", "change the option")
    except IconError as error:
        yield Problem("icon", str(error).rstrip("."), "save it as a plain SVG of 16 KB at most")


def find_schema_problems(described: dict[str, Any], name: str) -> Iterator[Problem]:
    """Yield that a schema is none of those that the SDK writes: an object of values, with no references."""
    schema = described[name]
    if schema is None:
        return
    mend = "build the bundle with `gptstore build`, which writes the schema"
    try:
        Draft202012Validator.check_schema(schema)
        fault = fault_of(schema)
    except SchemaError as error:
        fault = f"is no JSON Schema: {error.message[:200]}"
    except RecursionError:
        fault = "is nested too deeply"
    if fault:
        yield Problem("signature", f"tool {described['slug']!r}: its {name} {fault}", mend)


def fault_of(schema: dict[str, Any]) -> str:
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        return "is of no object"
    return fault_within(schema, MAX_DEPTH)


def fault_within(part: Any, depth: int) -> str:
    """Return what in this part of a schema no form can show, "" where there is nothing."""
    if depth == 0:
        return "is nested too deeply"
    if isinstance(part, dict):
        if found := REFERENCES & {*part}:
            return f"has {min(found)}, and a schema here is whole in itself"
        inner = part.values()
    elif isinstance(part, list):
        inner = part  # type: ignore[assignment]
    else:
        return ""
    return next(filter(None, (fault_within(one, depth - 1) for one in inner)), "")


def find_example_problems(described: dict[str, Any]) -> Iterator[Problem]:
    for example in described["examples"]:
        try:
            check_input(described["input_schema"], example["input"])
        except InvalidInput as error:
            found = error.errors[0]
            message = f"tool {described['slug']!r}: the example {example['title']!r} does not fit: {found['message']}"
            yield Problem("example", message, "change the example")
