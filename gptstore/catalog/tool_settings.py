"""The settings that admins gave to tools: they are read by a worker for a run of the tool, and by nobody else."""

import json
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from gptstore.catalog.encryption import decrypt, encrypt
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool, ToolSettings


def read_given(tool: Tool) -> dict[str, Any]:
    """Return the values that an admin gave to this tool of this plugin. They hold its secrets."""
    return read_given_to_all([tool])[tool.slug]


def read_given_to_all(tools: Collection[Tool]) -> dict[str, dict[str, Any]]:
    """Return what `read_given` does, for each of these tools by its slug, with one query."""
    given: dict[str, dict[str, Any]] = {tool.slug: {} for tool in tools}
    declaring = {tool.pk: tool for tool in tools if tool.settings_schema}
    for row in ToolSettings.objects.filter(tool__in=declaring) if declaring else ():
        tool = declaring[row.tool_id]
        text = decrypt(row.encrypted) if row.encrypted and row.plugin == tool.plugin else None
        values: dict[str, Any] = json.loads(text) if text else {}
        properties = (tool.settings_schema or {}).get("properties", {})
        given[tool.slug] = {name: value for name, value in values.items() if name in properties}
    return given


def store_given(row: ToolSettings, values: dict[str, Any]) -> None:
    """Store the values, which were checked, encrypted and for the plugin that has the tool now."""
    row.plugin = row.tool.plugin
    row.encrypted = encrypt(json.dumps(values)) if values else ""
    row.save()


def find_problem(tool: Tool, values: dict[str, Any] | None = None) -> str:
    """Return why the tool can't be run: settings that an admin has to fill in; or "". It names no value.

    values: those that were given, where they are at hand.
    """
    if not tool.settings_schema:
        return ""
    try:
        check_input(tool.settings_schema, read_given(tool) if values is None else values)
    except InvalidInput as invalid:
        properties = tool.localized.settings_schema.get("properties", {})
        titles = [properties.get(error["field"], {}).get("title", error["field"]) for error in invalid.errors]
        return _("An administrator of this site has to fill in the settings of this tool first: %(settings)s.") % {
            "settings": ", ".join(titles)
        }
    return ""


def note_declared(tool: Tool) -> None:
    """Make the row that an admin fills in, for a tool that declares settings."""
    if tool.settings_schema:
        ToolSettings.objects.get_or_create(tool=tool, defaults={"plugin": tool.plugin})
