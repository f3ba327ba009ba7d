"""Says how many bytes a tool's input can take on its way here, so that each input that fits the schema arrives."""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from gptstore.accounts.models import User
from gptstore.catalog.files import file_kind, file_names
from gptstore.catalog.models import Tool
from gptstore.faces import COMPLETION_TOOLS
from gptstore.sdk.form.properties import leaves

BYTES_PER_CHARACTER = 12
"""U+1F600 is `\\ud83d\\ude00` as escaped JSON, and `%F0%9F%98%80` in a form; a line break of a form is `%0D%0A`."""

BYTES_AROUND = 65_536
"""Bytes for the fields' names, numbers and choices, the form's token and white space."""

MAX_UNBOUNDED_BYTES = 3_900_000
"""The most that a tool with a text without a limit gets: its input is no longer than the body, and goes to the tool in
one message of at most 4,000,000 bytes (`gptstore.sdk.host.channel`)."""

TOOL_PATH = re.compile(r"/(?:api/v1/)?tools/(?P<slug>[\w-]+)/")


def max_input_bytes(schema: dict[str, Any], unbounded: int) -> int:
    """Return the most bytes of a body with an input that fits. unbounded: bytes for texts whose length has no limit."""
    bounds = [max_characters(field) for field in leaves(schema)]
    needed = BYTES_AROUND + BYTES_PER_CHARACTER * sum(bound for bound in bounds if bound is not None)
    if file_names(schema):
        return needed + settings.ENV.max_file_bytes * 4 // 3 + (unbounded if None in bounds else 0)
    return min(MAX_UNBOUNDED_BYTES, needed + unbounded) if None in bounds else needed


def max_characters(field: dict[str, Any]) -> int | None:
    """Return the most characters of one field, 0 for what is no text; None for texts without a limit."""
    if file_kind(field):
        return 0
    kinds = [field, *field.get("anyOf", [])]
    if any("enum" in kind for kind in kinds):
        return 0
    if any(kind.get("type") == "array" for kind in kinds):
        return 0 if any("enum" in kind.get("items", {}) for kind in kinds) else None
    if not any(kind.get("type") == "string" for kind in kinds) or any("format" in kind for kind in kinds):
        return 0
    bounds = [kind["maxLength"] for kind in kinds if "maxLength" in kind]
    return min(bounds, default=None)


def tool_of(path: str) -> str:
    """Return the slug of the tool whose input a request to this path may have; "" for other paths."""
    found = TOOL_PATH.match(path)
    return found["slug"] if found else COMPLETION_TOOLS.get(path, "")


def max_body_bytes(slug: str, user: User | AnonymousUser, usual: int) -> int:
    """Return the most bytes that a request for this tool needs: the usual number, or as many as its input.

    For a tool that is not open to this person it is the usual number, as for one that is not there.
    """
    schema = Tool.objects.open_to(user).filter(slug=slug).values_list("input_schema", flat=True).first()
    return usual if schema is None else max(usual, max_input_bytes(schema, usual))
