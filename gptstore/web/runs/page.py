"""Prepares the page of one run."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gptstore.catalog.files import without_data
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.estimate.wait_estimate import estimator
from gptstore.jobs.events.events import OutputSoFar, read_output_so_far
from gptstore.jobs.models import Job, Status
from gptstore.sdk.form.choice_labels import labels_of
from gptstore.sdk.form.message_list import conversation_of
from gptstore.sdk.form.properties import Schema, nested_schema, without_null
from gptstore.sdk.form.turns import Turn, turns_of
from gptstore.sdk.output import OutputKind
from gptstore.sdk.render.live_output import PartialOutput
from gptstore.sdk.render.table_file import FirstRows, render_file
from gptstore.sdk.stored_file import read_file, read_head
from gptstore.sdk.stored_table import StoredTable
from gptstore.web.catalog.forms import ToolForm
from gptstore.web.render.renderer import render_output
from gptstore.web.runs.queue_hint import queue_hint


@dataclass(frozen=True)
class RunPage:
    job: Job

    @cached_property
    def output_so_far(self) -> OutputSoFar:
        return read_output_so_far(self.job)

    @cached_property
    def shown(self) -> PartialOutput:
        """Return the output that the page shows: its first part, if it is long."""
        return PartialOutput(self.output_so_far.text, self.job.output_kind, self.job.is_final)

    @cached_property
    def table(self) -> StoredTable | None:
        return StoredTable(self.shown.text) if self.job.output_kind == OutputKind.TABLE else None

    @cached_property
    def first_rows(self) -> FirstRows | None:
        return FirstRows.of(self.table) if self.table is not None else None

    @property
    def copied(self) -> str:
        """Return what the button for copying gives: of a table that is whole, what a spreadsheet takes."""
        if self.first_rows is not None:
            return self.first_rows.as_tsv() if self.job.is_final and not self.is_cut else ""
        return self.shown.text if self.shown.is_text else ""

    @property
    def can_copy(self) -> bool:
        """Return whether the page has the whole answer, or will have it while it is written."""
        if self.shown.is_text:
            return not self.is_cut or not self.job.is_final
        return bool(self.copied)

    @property
    def is_cut(self) -> bool:
        if self.first_rows is not None:
            return self.first_rows.is_cut
        return self.shown.is_cut

    @cached_property
    def html(self) -> SafeString:
        job = self.job
        if self.first_rows is not None:
            return mark_safe(self.first_rows.render(self.row_count))  # noqa: S308 - it escapes all that it is given
        if job.output_kind == OutputKind.FILE:
            return self.file_html
        return render_output(job.output_kind, self.shown.head, job.output_language, is_final=job.is_final)

    @property
    def row_count(self) -> str:
        rows = 0 if self.table is None else len(self.table)
        return ngettext("%(n)s row", "%(n)s rows", rows) % {"n": intcomma(rows)}

    @property
    def file_html(self) -> SafeString:
        job, head = self.job, read_head(self.shown.text)
        if head is None:
            return format_html('<p class="output-waiting">{}</p>', _("There is no whole file.") if job.is_final else "")
        facts = f"{head.media_type} · {filesizeformat(head.size)}"
        if not job.is_final:
            return mark_safe(render_file(head, facts, "", None))  # noqa: S308 - it escapes all that it is given
        if read_file(self.output_so_far.text) is None:
            return mark_safe(render_file(head, facts, _("There is no whole file."), None))  # noqa: S308 - as above
        link = reverse("jobs:download", args=[job.id]), _("Download")
        return mark_safe(render_file(head, facts, "", link))  # noqa: S308 - as above

    @cached_property
    def has_tool(self) -> bool:
        """Return whether its owner may still open the tool, and launch it again."""
        return self.job.tool.is_open_to(self.job.owner)

    @property
    def can_cancel(self) -> bool:
        return not self.job.is_final and not self.job.cancel_requested

    @property
    def queue_hint(self) -> str:
        expected = estimator.expect(self.job)
        return queue_hint(expected) if expected else ""

    @property
    def advice(self) -> str:
        """Return what a person can do about a failed run."""
        match self.job.error_code:
            case ErrorCode.TOOL_ERROR | ErrorCode.REFUSED:
                return _("Change the input and run it again.")
            case ErrorCode.PROMPT_TOO_LONG:
                return _("Shorten the input and run it again.")
            case ErrorCode.TOOL_CRASHED | ErrorCode.BAD_REQUEST:
                return _("The tool's author has to repair this. Another input may work.")
            case ErrorCode.TOOL_MISSING:
                return _("Ask the operator of this site to install the tool on its workers.")
            case ErrorCode.TIMEOUT:
                return _("A shorter input may take less time. The message says who can allow more.")
            case ErrorCode.LIMIT_EXCEEDED:
                return _("A shorter input may take less. The message says who can allow more.")
        return _("Run it again. If it fails once more, tell the operator of this site.")

    @cached_property
    def inputs(self) -> list[tuple[str, str]]:
        """Return titles and values, in the order of the form; a conversation stands above the answer instead."""
        schema = self.job.tool.localized.input_schema
        given = without_data(schema, self.job.input)
        return [*titled(schema, {name: value for name, value in given.items() if name != self.conversation})]

    @cached_property
    def conversation(self) -> str | None:
        """Return the name of the input that this answer belongs to as its next message, if there is one."""
        return conversation_of(self.job.tool.input_schema)

    @cached_property
    def turns(self) -> list[Turn]:
        return turns_of(self.job.input.get(self.conversation), translation) if self.conversation else []

    @property
    def earlier_turns(self) -> list[Turn]:
        return self.turns[:-1]

    @property
    def last_turns(self) -> list[Turn]:
        return self.turns[-1:]

    @cached_property
    def reply_form(self) -> ToolForm | None:
        """Return the tool's form with the same input, but for the conversation: the answer is its last message."""
        job = self.job
        can_go_on = job.status in (Status.SUCCEEDED, Status.CANCELED) and job.output.strip() and self.has_tool
        messages = job.input.get(self.conversation) if self.conversation else None
        if not (can_go_on and self.conversation and isinstance(messages, list)):
            return None
        answer = {"role": "assistant", "content": job.output}
        return ToolForm(job.tool.localized.input_schema, values={**job.input, self.conversation: [*messages, answer]})


def titled(schema: Schema, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield titles and values of what was given, and last what the schema no longer knows."""
    properties = schema.get("properties", {})
    for name in [*properties, *(name for name in values if name not in properties)]:
        if values.get(name) not in (None, "", []):
            prop = properties.get(name, {})
            yield prop.get("title", name), readable(values[name], prop)


def readable(value: Any, prop: dict[str, Any]) -> str:
    inner = without_null(prop)[0]
    if isinstance(value, dict) and value.keys() == {"name", "size"} and not nested_schema(prop):
        return f"{value['name']} ({filesizeformat(value['size'])})"
    nested = nested_schema(prop)
    if nested is not None and isinstance(value, dict):
        return "\n".join(f"{title}: {text}" for title, text in titled(nested, value))
    if isinstance(value, list) and "enum" in inner.get("items", {}):
        labels = {"x-labels": inner.get("x-labels", {})}
        return "\n".join(readable(entry, {**inner["items"], **labels}) for entry in value)
    if inner.get("format") == "date" and isinstance(value, str):
        return readable_date(value)
    choices = inner.get("enum")
    if choices and value in choices:
        return labels_of(inner, choices, translation)[str(value)]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def readable_date(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text))
    except ValueError:
        return text
