"""Reads the files of an input: their kinds, their sizes, and what is shown of them instead of their bytes."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from gptstore.sdk.error_messages import SIZE
from gptstore.sdk.form.form_file import size_of
from gptstore.sdk.form.properties import Property, Schema, without_null
from gptstore.sdk.input_model import FILES


def file_kind(prop: Property) -> str:
    """Return the kind of a file, such as "document"; "" for a property of another kind."""
    kind = without_null(prop)[0].get("x-file")
    return kind if isinstance(kind, str) and kind in FILES else ""


def file_names(schema: Schema) -> list[str]:
    return [name for name, prop in schema.get("properties", {}).items() if file_kind(prop)]


def find_too_large(schema: Schema, data: Mapping[str, Any]) -> Iterator[tuple[str, str, int, int]]:
    """Yield the field, the rule, its limit and the size where files together have more bytes than the store takes."""
    limit: int = settings.ENV.max_file_bytes
    total = 0
    for name in file_names(schema):
        size = size_of(data.get(name))
        total += size
        if size and total > limit:
            yield name, SIZE, limit, total


def is_file(schema: Schema, name: str, value: Any) -> bool:
    """Return whether a value is a file with data; of an input that the schema no longer knows, by its form."""
    properties = schema.get("properties", {})
    if not isinstance(value, dict):
        return False
    return bool(file_kind(properties[name])) if name in properties else value.keys() == {"name", "data"}


def without_data(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an input with the name and the size of each file instead of its bytes, for lists, pages and answers."""
    return {name: shown_file(value) if is_file(schema, name, value) else value for name, value in data.items()}


def shown_file(value: dict[str, Any]) -> dict[str, Any]:
    return {"name": str(value.get("name", "")), "size": size_of(value)}


def split_files(schema: Schema, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is text for a program that reads an input, and its files; a text that stands for a file is text."""
    files = {name: value for name, value in data.items() if is_file(schema, name, value)}
    return {name: value for name, value in data.items() if name not in files}, files
