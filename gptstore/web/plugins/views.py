"""The pages for authors: their plugins, the releases of each, and a form that submits a bundle.

Each sees their own plugins only, and staff all; what is somebody else's is not found.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gptstore.releases.authors import can_be_withdrawn, may_submit, plugins_of, releases_of, withdraw
from gptstore.releases.check_report import CheckReport
from gptstore.releases.errors import BundleStorageError, ReleaseError
from gptstore.releases.models import Plugin, Release, ReleaseStatus
from gptstore.releases.quarantine import yank
from gptstore.releases.stage import Stage, stages_of
from gptstore.web.plugins.submission import RefusedSubmission, SignedInRequest, answer_later, receive

MAX_REASON = 500


@dataclass(frozen=True)
class Row:
    """A release with its stage, for a table."""

    release: Release
    stage: Stage

    @property
    def report(self) -> CheckReport | None:
        """Return what its check on a worker found; None while that has not ended."""
        check = getattr(self.release, "worker_check", None)
        return CheckReport.model_validate(check.report) if check and check.report else None

    @property
    def can_be_withdrawn(self) -> bool:
        return can_be_withdrawn(self.release)

    @property
    def can_be_yanked(self) -> bool:
        return self.release.status == ReleaseStatus.APPROVED and self.release.yanked_at is None


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: SignedInRequest) -> HttpResponse:
    """List one's plugins (GET), or submit a bundle (POST)."""
    if request.method != "POST":
        return show_plugins(request)
    answer = receive(request)
    return answer if isinstance(answer, HttpResponse) else show_plugins(request, answer)


def show_plugins(request: SignedInRequest, refusal: RefusedSubmission | None = None) -> HttpResponse:
    plugins = (
        plugins_of(request.user).select_related("live").prefetch_related("releases__plugin", "releases__decisions")
    )
    rows = in_rows(releases[0] for plugin in plugins if (releases := [*plugin.releases.all()]))
    context = {"rows": rows, "refusal": refusal, "may_submit": may_submit(request.user)}
    response = render(request, "plugins/home.html", context, status=refusal.status if refusal else 200)
    return answer_later(response) if refusal and refusal.status == 429 else response


def in_rows(releases: Iterable[Release]) -> list[Row]:
    found = [*releases]
    stages = stages_of(found)
    return [Row(release, stages[release.pk]) for release in found]


@never_cache
@login_required
@require_safe
def plugin(request: SignedInRequest, name: str) -> HttpResponse:
    """Show the releases of a plugin of one's own, the newest first, and where each stands."""
    found = get_object_or_404(plugins_of(request.user), name=name)
    rows = in_rows(found.releases.select_related("plugin", "worker_check").prefetch_related("decisions"))
    return render(request, "plugins/plugin.html", {"plugin": found, "rows": rows})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_release(request: SignedInRequest, name: str, release_id: int) -> HttpResponse:
    """Ask whether to withdraw a release that nobody has decided about (GET), or delete it (POST)."""
    release = get_object_or_404(releases_of(request.user), pk=release_id, plugin__name=name)
    if request.method != "POST":
        return render(request, "plugins/withdraw.html", {"release": release})
    try:
        withdraw(release, request.user)
    except BundleStorageError:
        pass  # the release is gone, and nobody looks for its file any more
    except ReleaseError:
        messages.error(request, _("It could not be withdrawn: somebody has decided about it meanwhile."))
        return redirect("plugins:plugin", name)
    messages.success(request, _("%(release)s is withdrawn.") % {"release": release})
    return redirect("plugins:plugin", name) if Plugin.objects.filter(name=name).exists() else redirect("plugins:home")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def yank_release(request: SignedInRequest, name: str, release_id: int) -> HttpResponse:
    """Ask whether to yank an approved release (GET), or take it out of use for good (POST)."""
    yankable = releases_of(request.user).filter(status=ReleaseStatus.APPROVED, yanked_at=None)
    release = get_object_or_404(yankable, pk=release_id, plugin__name=name)
    if request.method != "POST":
        return render(request, "plugins/yank.html", {"release": release, "max_reason": MAX_REASON})
    yank(release, request.user, request.POST.get("reason", "").replace("\0", "")[:MAX_REASON])
    messages.success(request, _("%(release)s is yanked.") % {"release": release})
    return redirect("plugins:plugin", name)
