"""The forms of the steps. Each gets the row that it is about."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from gptstore.jobs.workers import fleet
from gptstore.releases.canary import MAX_SHARE
from gptstore.releases.models import Plugin, Release, Strategy

MAX_NOTE = 5_000
MAX_CHOICES = 100


class RowForm(forms.Form):
    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)


class NoteForm(RowForm):
    note = forms.CharField(
        label=_("Note"), help_text=_("Its author reads it."), max_length=MAX_NOTE, required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )  # fmt: skip


class NeededNoteForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True


class ReasonForm(RowForm):
    note = forms.CharField(
        label=_("Reason"), help_text=_("It is kept in the history and the audit log."), max_length=MAX_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip


class WhyForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = False


class DeployForm(WhyForm):
    release = forms.ModelChoiceField(Release.objects.none(), label=_("Release"), widget=UnfoldAdminSelectWidget())
    strategy = forms.ChoiceField(
        label=_("How"), choices=Strategy.choices, initial=Strategy.ALL, widget=UnfoldAdminRadioSelectWidget()
    )
    canary_worker = forms.ChoiceField(label=_("Worker of the canary"), required=False, widget=UnfoldAdminSelectWidget())
    share = forms.IntegerField(
        label=_("Share of new runs for the canary, in percent"), min_value=1, max_value=MAX_SHARE, initial=10,
        widget=UnfoldAdminIntegerFieldWidget(),
    )  # fmt: skip

    field_order = ["release", "strategy", "canary_worker", "share", "note"]

    def __init__(self, row: Plugin, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        chosen = Release.objects.deployable().filter(plugin=row).order_by("-id").values("pk")[:MAX_CHOICES]
        release: Any = self.fields["release"]
        release.queryset = Release.objects.filter(pk__in=[one["pk"] for one in chosen]).select_related("plugin")
        release.empty_label = None
        worker: Any = self.fields["canary_worker"]
        worker.choices = [("", "–"), *((one.name, one.name) for one in fleet())]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("strategy") == Strategy.CANARY and not cleaned.get("canary_worker"):
            self.add_error("canary_worker", _("Choose the worker that takes it first."))
        return cleaned
