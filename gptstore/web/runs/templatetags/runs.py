"""Filters for runs in lists: `{% load runs %}`."""

from datetime import timedelta
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from gptstore.catalog.files import is_file
from gptstore.jobs.models import Job
from gptstore.sdk.form.properties import without_null
from gptstore.sdk.form.turns import turns_of
from gptstore.sdk.output import OutputKind
from gptstore.sdk.render.markdown import plain_text
from gptstore.sdk.stored_file import read_head
from gptstore.sdk.stored_table import StoredTable

register = template.Library()

OUTPUT_CHARACTERS = 160


@register.filter
def input_excerpt(job: Job) -> str:
    """Return the beginning of the short text, such as a question, else of the longest: people know a run by it.

    A conversation is known by its last message. The job is one of `with_excerpts`. One without a text is known by its
    first file, or its tool.
    """
    given: dict[str, Any] = job.short_input or {}  # type: ignore[attr-defined]
    if turns := [turn for value in given.values() for turn in turns_of(value)]:
        return shorten(turns[-1].text) or job.tool.localized.title
    texts = [value for value in given.values() if isinstance(value, str) and value.strip()]
    names = [name for name, prop in properties_of(job).items() if is_short_text(prop)]
    short = [given[name] for name in names if given.get(name)]
    chosen = short[0] if short else max(texts, key=len, default="") or first_file(job, given)
    return shorten(chosen) or job.tool.localized.title


def shorten(text: str) -> str:
    return Truncator(" ".join(text[:400].split())).chars(110)


def first_file(job: Job, given: dict[str, Any]) -> str:
    schema = job.tool.input_schema
    return next((str(value["name"]) for name, value in given.items() if is_file(schema, name, value)), "")


@register.filter
def output_excerpt(job: Job) -> str:
    """Return the beginning of the output, of a job from `with_excerpts`, as text without markup."""
    return Truncator(readable(job.output_kind, job.output_excerpt)).chars(OUTPUT_CHARACTERS)  # type: ignore[attr-defined]


def readable(kind: str, beginning: str) -> str:
    match kind:
        case OutputKind.MARKDOWN:
            return plain_text(beginning)
        case OutputKind.TABLE:
            return " ".join(StoredTable(beginning).excerpt().split())
        case OutputKind.FILE:
            head = read_head(beginning)
            return f"{head.name} ({filesizeformat(head.size)})" if head else ""
    return " ".join(beginning.split())


def properties_of(job: Job) -> dict[str, Any]:
    return job.tool.input_schema.get("properties", {})


def is_short_text(prop: dict[str, Any]) -> bool:
    inner = without_null(prop)[0]
    return inner.get("type") == "string" and not inner.keys() & {"enum", "format", "x-widget"}


@register.filter
def seconds(duration: timedelta | None) -> str:
    """Format seconds: 3.24 s → "3.2 s"; 95 s → "1 min 35 s"; None → ""."""
    if duration is None:
        return ""
    total = max(0.0, duration.total_seconds())
    if total < 60:
        return _("%(n)s s") % {"n": number_format(total, decimal_pos=1)}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": int(total // 60), "seconds": int(total % 60)}
