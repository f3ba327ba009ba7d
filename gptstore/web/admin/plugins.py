"""The plugins: what of each is live or on its way, and the way back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from gptstore.releases.canary import start_canary
from gptstore.releases.deploy import deploy, last_good, roll_back, take_down
from gptstore.releases.models import Plugin, Strategy
from gptstore.web.admin.forms import DeployForm, WhyForm
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from gptstore.web.admin.lists.search import begins
from gptstore.web.admin.rollout_page import history_context, state_context
from gptstore.web.admin.steps import Step, SteppedAdmin

DEPLOY = "releases.deploy_release"


def deploy_chosen(plugin: Plugin, person: Any, values: dict[str, Any]) -> object:
    release, why = values["release"], values["note"]
    if values["strategy"] == Strategy.CANARY:
        return start_canary(release, person, why, share=values["share"], worker=values["canary_worker"])
    return deploy(release, person, why)


STEPS = (
    Step(
        "deploy",
        _("Deploy"),
        _("Workers take the release. New runs get it once they are ready; those that run now go on as they are."),
        _("%(row)s is being rolled out."),
        DEPLOY,
        DeployForm,
        deploy_chosen,
        lambda plugin: plugin.releases.deployable().exists(),
    ),
    Step(
        "roll-back",
        _("Roll back"),
        _("New runs get the release before, at once. Runs that have begun go on as they are."),
        _("%(row)s was rolled back."),
        DEPLOY,
        WhyForm,
        lambda plugin, person, values: roll_back(plugin, person, values["note"]),
        lambda plugin: last_good(plugin) is not None,
        is_dangerous=True,
    ),
    Step(
        "take-down",
        _("Take down"),
        _("Its tools leave the catalogue, and nobody can run them until a release is deployed again."),
        _("%(row)s was taken down."),
        DEPLOY,
        WhyForm,
        lambda plugin, person, values: take_down(plugin, person, values["note"]),
        lambda plugin: plugin.live_id is not None,
        is_dangerous=True,
    ),
)


@admin.register(Plugin)
class PluginAdmin(KeysetAdmin, SteppedAdmin):
    list_display = ["name", "live", "trust", "owner", "created_at"]
    list_filter = ["trust", ("live", admin.EmptyFieldListFilter), ("owner", AutocompleteSelectFilter)]
    leading_filters = ("owner",)
    list_select_related = ["live__plugin", "owner"]
    search_fields = ["name"]
    search_help_text = _("The beginning of a name")
    finders = (begins("name"),)
    ordering = ["name"]
    sortable_by = ["name"]
    steps = STEPS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plugin]:
        return (
            super()
            .get_queryset(request)
            .select_related("live__plugin", "owner")
            .defer(*(f"live__{field}" for field in ("manifest", "lock", "sbom")))
        )

    def get_urls(self) -> list[URLPattern]:
        return [self.page("state", self.state_view), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        plugin = self.row(request, object_id)
        context = {"steps": self.steps_for(request, plugin), "state_url": self.address("state", plugin)}
        context |= state_context(plugin) | history_context(plugin, request.GET.get("before", ""))
        return self.show(request, "admin/releases/plugin.html", plugin, **context)

    def state_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer what is live and on its way; with nothing while it is what the page shows already (`seen`)."""
        plugin = self.row(request, object_id)
        context = state_context(plugin)
        if request.GET.get("seen") == context["mark"]:
            return HttpResponse(status=204)
        return self.show(
            request, "admin/releases/state.html", plugin, state_url=self.address("state", plugin), **context
        )
