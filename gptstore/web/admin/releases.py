"""The review queue, and the page of a release: what it is, what is different in it, and what can be decided."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from gptstore.releases.errors import ReleaseError
from gptstore.releases.file_changes import file_changes
from gptstore.releases.models import Plugin, Release
from gptstore.releases.quarantine import quarantine, release_from_quarantine, yank
from gptstore.releases.review import OPEN, approve, reject, take_into_review
from gptstore.releases.storage import bundles
from gptstore.releases.stored_bundle import open_stored
from gptstore.sdk.bundle.format import SUFFIX
from gptstore.web.admin.forms import NeededNoteForm, NoteForm, ReasonForm, RowForm, WhyForm
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from gptstore.web.admin.lists.search import equals, is_of
from gptstore.web.admin.release_filters import RiskFilter, StatusFilter
from gptstore.web.admin.review_page import review_context
from gptstore.web.admin.steps import Step, SteppedAdmin

REVIEW, QUARANTINE, DEPLOY = (f"releases.{verb}_release" for verb in ("review", "quarantine", "deploy"))

STEPS = (
    Step(
        "start-review",
        _("Start the review"),
        _("Reviewers can approve or reject the release then."),
        _("%(row)s is in review."),
        REVIEW,
        RowForm,
        lambda release, person, values: take_into_review(release, person),
        lambda release: release.status in OPEN[:2],
    ),
    Step(
        "approve",
        _("Approve"),
        _("With enough approvals the store signs it, and it can be deployed. Nothing is deployed by that."),
        _("You approved %(row)s."),
        REVIEW,
        NoteForm,
        lambda release, person, values: approve(release, person, values["note"]),
        lambda release: release.status == OPEN[2],
    ),
    Step(
        "reject",
        _("Reject"),
        _("Its author has to submit another version. Say what has to be different."),
        _("You rejected %(row)s."),
        REVIEW,
        NeededNoteForm,
        lambda release, person, values: reject(release, person, values["note"]),
        lambda release: release.status in OPEN,
        is_dangerous=True,
    ),
    Step(
        "quarantine",
        _("Quarantine"),
        _("No run begins with it until the quarantine ends. Where it is live, the release before takes over at once."),
        _("%(row)s is in quarantine."),
        QUARANTINE,
        ReasonForm,
        lambda release, person, values: quarantine(release, values["note"], person),
        lambda release: release.is_deployable,
        is_dangerous=True,
    ),
    Step(
        "end-quarantine",
        _("End the quarantine"),
        _("It can be deployed again. It is not deployed by that."),
        _("The quarantine of %(row)s has ended."),
        QUARANTINE,
        WhyForm,
        lambda release, person, values: release_from_quarantine(release, person, values["note"]),
        lambda release: release.quarantined_at is not None,
    ),
    Step(
        "yank",
        _("Yank"),
        _("It is withdrawn for good. Where it is live, the release before takes over at once. This cannot be undone."),
        _("%(row)s was yanked."),
        QUARANTINE,
        ReasonForm,
        lambda release, person, values: yank(release, person, values["note"]),
        lambda release: release.yanked_at is None and release.status not in OPEN,
        is_dangerous=True,
    ),
)


@admin.register(Release)
class ReleaseAdmin(KeysetAdmin, SteppedAdmin):
    """The releases: those to be decided first, the oldest of them at the top, so that no author waits for ever."""

    list_display = ["name", "status", "risk", "submitted_by", "submitted_at", "is_signed_by_publisher"]
    list_filter = [StatusFilter, RiskFilter, ("plugin", AutocompleteSelectFilter)]
    leading_filters = ("plugin", "status")
    list_select_related = ["plugin", "submitted_by"]
    search_fields = ["plugin__name", "sha256"]
    search_help_text = _("A plugin’s whole name, or a whole SHA-256")
    finders = (is_of("plugin", Plugin, "name"), equals("sha256"))
    ordering = ["submitted_at"]
    sortable_by = ["submitted_at"]
    steps = STEPS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        return super().get_queryset(request).select_related("plugin", "submitted_by").defer("manifest", "lock", "sbom")

    @admin.display(description=_("release"))
    def name(self, release: Release) -> str:
        return str(release)

    @admin.display(description=_("signed by its publisher"), boolean=True)
    def is_signed_by_publisher(self, release: Release) -> bool:
        return bool(release.publisher)

    def get_urls(self) -> list[URLPattern]:
        return [self.page("code", self.code_view), self.page("bundle", self.bundle_view), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        release = self.row(request, object_id)
        context = {"steps": self.steps_for(request, release), "code_url": self.address("code", release)}
        context |= {"bundle_url": self.address("bundle", release), "deploy_url": deploy_url(request, release)}
        return self.show(request, "admin/releases/release.html", release, **context, **review_context(release))

    def code_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the plugin's own files beside those of the live release; alone, or as a part of the release's page."""
        release, only, problem, changes = self.row(request, object_id), request.GET.get("file", ""), "", None
        live = release.plugin.live if release.plugin.live_id != release.pk else None
        try:
            with open_stored(release) as bundle:
                if live is None:
                    changes = file_changes(None, bundle, only)
                else:
                    with open_stored(live) as before:
                        changes = file_changes(before, bundle, only)
        except ReleaseError as error:
            problem = str(error)
        template = "admin/releases/code.html" if request.headers.get("HX-Request") else "admin/releases/code_page.html"
        context = {"changes": changes, "problem": problem, "only": only, "live": live}
        context |= {"code_url": self.address("code", release), "back": self.address("change", release)}
        return self.show(request, template, release, **context)

    def bundle_view(self, request: HttpRequest, object_id: str) -> FileResponse:
        """Send the bundle as it was submitted, to be inspected elsewhere: `gptstore inspect`."""
        release = self.row(request, object_id)
        try:
            file = bundles().open(release.file)
        except FileNotFoundError:
            raise Http404 from None
        return FileResponse(file, as_attachment=True, filename=f"{release.plugin}-{release.version}{SUFFIX}")


def deploy_url(request: HttpRequest, release: Release) -> str:
    """Return where this person deploys the release, or ""."""
    if not release.is_deployable or not request.user.has_perm(DEPLOY):
        return ""
    return f"{reverse('admin:releases_plugin_deploy', args=[release.plugin_id])}?release={release.pk}"
