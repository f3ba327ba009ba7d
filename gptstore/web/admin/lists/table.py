"""The rows of a list as HTML. The theme's own take seven kilobytes and five milliseconds each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import display_for_field, display_for_value, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import BooleanField, ForeignKey
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

CHECKBOX = "action_checkbox"
CHOSEN = '<td><input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}"></td>'


def body(cl: Any, labels: Sequence[Any]) -> SafeString:
    """Return a `tbody`. labels: the heads of the columns, which stand in each cell where a screen is narrow."""
    forms = cl.formset.forms if cl.formset else [None] * len(cl.result_list)
    rows = zip(cl.result_list, forms, strict=True)
    return mark_safe("".join(part for row, form in rows for part in row_parts(cl, row, form, labels)))  # noqa: S308 - each part is escaped


def row_parts(cl: Any, row: Any, form: Any, labels: Sequence[Any]) -> Iterator[SafeString]:
    yield mark_safe("<tr>")
    is_first = True
    for name, label in zip(cl.list_display, labels, strict=True):
        if name == CHECKBOX:
            yield format_html(CHOSEN, ACTION_CHECKBOX_NAME, row.pk, _("Select %(row)s") % {"row": row})
        elif is_first:
            is_first = False
            link = f"{cl.url_for_result(row)}?{cl.preserved_filters}".rstrip("?")
            text = '<th scope="row" data-label="{}"><a href="{}"{}>{}</a></th>'
            opener = format_html(' data-popup-opener="{}"', row.pk) if cl.is_popup else ""
            yield format_html(text, capfirst(label), link, opener, shown(cl, row, name))
        else:
            is_edited = form is not None and name in form.fields
            value = edited(form, name) if is_edited else shown(cl, row, name)
            kind = mark_safe(' class="time"') if isinstance(getattr(row, name, None), datetime) else ""
            yield format_html('<td data-label="{}"{}>{}</td>', capfirst(label), kind, value)
    if form is not None:
        yield format_html("<td hidden>{}</td>", form[cl.model._meta.pk.name])
    yield mark_safe("</tr>")


def edited(form: Any, name: str) -> SafeString:
    field = form[name]
    return format_html("{}{}", field, field.errors)


def shown(cl: Any, row: Any, name: str) -> Any:
    """Return what a cell shows, as Django's list does."""
    empty = cl.model_admin.get_empty_value_display()
    try:
        field, attribute, value = lookup_field(name, row, cl.model_admin)
    except ObjectDoesNotExist:
        return empty
    if isinstance(field, BooleanField) or getattr(attribute, "boolean", False):
        return empty if value is None else _("Yes") if value else _("No")
    if field is None or field.auto_created:
        return display_for_value(value, getattr(attribute, "empty_value_display", empty))
    if isinstance(field, ForeignKey):
        related = getattr(row, field.name)
        return empty if related is None else related
    return display_for_field(value, field, empty)
