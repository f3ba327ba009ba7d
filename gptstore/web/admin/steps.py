"""What an admin may do with a release or a plugin: each step needs a permission, and has a page that asks again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gptstore.releases.errors import ReleaseError
from gptstore.web.admin.base.audited import ReadOnlyAdmin

Words = str | Promise
REFUSED = 422


@dataclass(frozen=True)
class Step:
    """One step. name: in its address. explanation: what happens then. done: what the page says afterwards.

    run: takes it, with the row, the person and the form's values; raises ReleaseError. fits: whether the row is in a
    state for it.
    """

    name: str
    title: Words
    explanation: Words
    done: Words
    permission: str
    form: Callable[..., Form]
    run: Callable[[Any, Any, dict[str, Any]], object]
    fits: Callable[[Any], bool]
    is_dangerous: bool = False


class SteppedAdmin(ReadOnlyAdmin):
    """An admin whose rows change by steps only."""

    steps: tuple[Step, ...] = ()

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [*(self.page(step.name, self.take_step, step=step) for step in self.steps), *super().get_urls()]

    def page(self, name: str, view: Callable[..., HttpResponseBase], **options: Any) -> URLPattern:
        """Return the route of a page about one row."""
        route, label = f"<path:object_id>/{name}/", f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        methods = ["GET", "HEAD", "POST"] if "step" in options else ["GET", "HEAD"]
        return path(route, self.admin_site.admin_view(require_http_methods(methods)(view)), options, label)

    def address(self, name: str, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[row.pk])

    def row(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row that a page is about, for those who may see it. Raises Http404, PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def steps_for(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return the steps that this person may take now, with their addresses."""
        return [
            {"step": step, "url": self.address(step.name, row)}
            for step in self.steps
            if step.fits(row) and request.user.has_perm(step.permission)
        ]

    def take_step(self, request: HttpRequest, object_id: str, step: Step) -> HttpResponse:
        """Ask for confirmation, and take the step when it is given. What was entered stays when it is refused."""
        row = self.row(request, object_id)
        if not request.user.has_perm(step.permission):
            raise PermissionDenied
        form = step.form(row, request.POST if request.method == "POST" else None, initial=request.GET.dict())
        if request.method == "POST" and not step.fits(row):
            form.add_error(None, _("That is not possible any more. Go back, and look at what is there now."))
        elif request.method == "POST" and form.is_valid():
            try:
                step.run(row, request.user, form.cleaned_data)
            except ReleaseError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, str(step.done) % {"row": row})
                return HttpResponseRedirect(self.address("change", row))
        context = {"step": step, "form": form, "row": row, "back": self.address("change", row), "opts": self.opts}
        shown = {**self.admin_site.each_context(request), **context, "title": f"{step.title}: {row}"}
        status = REFUSED if request.method == "POST" else 200
        return TemplateResponse(request, "admin/releases/step.html", shown, status=status)

    def show(self, request: HttpRequest, template: str, row: Any, **context: Any) -> TemplateResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "row": row, "title": str(row), **context}
        return TemplateResponse(request, template, shown)
