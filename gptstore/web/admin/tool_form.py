"""The form for what an admin decides about a tool."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
)

from gptstore.catalog.decisions import MAX_POSITION
from gptstore.catalog.models import Category, Tool, Visibility
from gptstore.catalog.sync import find_category
from gptstore.sdk.limits import LIMITS
from gptstore.web.admin.tool_limits import PREFIX, allowance, limit_fields, read_limits, too_much

DECIDED = ["enabled", "visibility", "category", "category_chosen", "featured_position", "admin_limits"]
"""The columns that the form saves: what a sync or a run has written meanwhile stays."""


class AudienceFields(forms.Form):
    """Who may see and launch tools: of one, or of many."""

    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may see and launch it"),
        choices=Visibility.choices,
        initial=Visibility.PUBLIC,
        widget=UnfoldAdminRadioSelectWidget(),
        help_text=gettext_lazy(
            "For everybody else it does not exist. With the last choice it is in no list and no search."
        ),
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label=gettext_lazy("Its groups"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=gettext_lazy("They count where its members alone see it."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("visibility") == Visibility.GROUPS and "groups" in cleaned and not cleaned["groups"]:
            self.add_error("groups", _("Choose one group or more, or let everybody who is signed in see it."))
        return cleaned


class CategoryField(forms.ModelChoiceField):
    """A category to move a tool to; none: the one that its author names."""

    def __init__(self, **options: Any) -> None:
        options = {"label": gettext_lazy("Category"), "required": False, "widget": UnfoldAdminSelectWidget()} | options
        super().__init__(Category.objects.all(), **options)
        self.empty_label = gettext_lazy("As its author says")

    def label_from_instance(self, category: Category) -> str:
        return _(category.title)


class ToolForm(AudienceFields, forms.ModelForm):
    """The form of one tool."""

    category = CategoryField(help_text=gettext_lazy("One that you choose stays when the tool is updated."))

    class Meta:
        model = Tool
        fields = ["enabled", "visibility", "groups", "category", "featured_position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tool: Tool = self.instance
        authors: Any = self.fields["category"]
        named = Category.objects.filter(slug=tool.authors_category).first() if tool.category_chosen else tool.category
        title = _(named.title) if named else tool.authors_category
        authors.empty_label = _("As its author says (%(category)s)") % {"category": title}
        self.initial["category"] = tool.category_id if tool.category_chosen else None
        self.fields["featured_position"].validators.append(MaxValueValidator(MAX_POSITION))
        for name, kind in LIMITS.items():
            self.fields[f"{PREFIX}{name}"].help_text = allowance(tool, kind)
            self.initial[f"{PREFIX}{name}"] = tool.admin_limits.get(name)

    def clean_category(self) -> Category:
        """Return the chosen one, or the author's, which a sync brings back too."""
        chosen: Category | None = self.cleaned_data["category"]
        tool: Tool = self.instance
        was_chosen, tool.category_chosen = tool.category_chosen, chosen is not None
        if chosen is not None:
            return chosen
        return find_category(tool.authors_category) if was_chosen and tool.authors_category else tool.category

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, kind in LIMITS.items():
            value = cleaned.get(f"{PREFIX}{name}")
            if value is not None and f"{PREFIX}{name}" in self.changed_data and (text := too_much(kind, value)):
                self.add_error(f"{PREFIX}{name}", text)
        self.instance.admin_limits = read_limits(cleaned)
        return cleaned


def form_of_tool() -> type[ToolForm]:
    """Return the form with a field for each limit, whose texts are in the language of the request."""
    return type("ToolForm", (ToolForm,), dict(limit_fields()))
