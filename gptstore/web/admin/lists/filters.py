from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateFilter
from unfold.utils import parse_date_str
from unfold.widgets import INPUT_CLASSES

from gptstore.jobs.ids import first_id


class ExactFilter(FieldTextFilter):
    """Filters by the whole of a text column."""

    def __init__(self, field: Any, request: Any, params: Any, model: Any, model_admin: Any, field_path: str) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        self.lookup_kwarg = f"{field_path}__exact"
        self.used_parameters.clear()
        if self.lookup_kwarg in params:
            self.lookup_val = params.pop(self.lookup_kwarg)
            self.used_parameters[self.lookup_kwarg] = self.lookup_val

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = (self.value() or "").strip()
        return queryset.filter(**{self.lookup_kwarg: text}) if text else queryset


class DaysForm(forms.Form):
    """The first and the last day, in the browser's own fields."""

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for end, label in (("from", _("From this day")), ("to", _("To this day"))):
            widget = forms.DateInput(attrs={"type": "date", "class": " ".join(INPUT_CLASSES)})
            self.fields[f"{name}_{end}"] = forms.DateField(label=label, required=False, widget=widget)


class IdDateFilter(RangeDateFilter):
    """Filters by the days on which rows were made, which their ids tell: the list's own index answers it."""

    form_class = DaysForm
    template = "unfold/filters/filters_field.html"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        begin, end = (self.day(end) for end in ("from", "to"))
        if begin:
            queryset = queryset.filter(pk__gte=first_id(begin))
        if end:
            queryset = queryset.filter(pk__lt=first_id(end + timedelta(days=1)))
        return queryset

    def day(self, end: str) -> datetime | None:
        """Return the begin of the day that was entered, by the reader's clock. Raises IncorrectLookupParameters."""
        text = self.used_parameters.get(f"{self.parameter_name}_{end}")
        if not text:
            return None
        day = parse_date_str(text)
        if day is None:
            raise IncorrectLookupParameters(text)
        return timezone.make_aware(datetime.combine(day, time.min))
