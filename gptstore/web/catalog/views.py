"""The catalogue, and the page of a tool, from which it is launched."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.lists import PAGE, cards
from gptstore.catalog.models import Tool
from gptstore.catalog.search.find import MAX_COUNTED, find
from gptstore.catalog.tool_settings import find_problem
from gptstore.jobs.errors import ToolUnavailable
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.listing import with_excerpts
from gptstore.jobs.models import Job
from gptstore.releases.card_facts import facts_of
from gptstore.releases.history import history_of
from gptstore.web.catalog import drafts
from gptstore.web.catalog.cards import make_cards
from gptstore.web.catalog.forms import ToolForm
from gptstore.web.catalog.storefront import number_of_tools, open_storefront
from gptstore.web.requests import PageRequest

LAST_RUNS = 5


@require_safe
def home(request: PageRequest) -> HttpResponse:
    """Show anybody the home of the catalogue, or the tools that `?q=` finds, as far as they may see them."""
    query = " ".join(request.GET.get("q", "").split())[:200]
    if query:
        return show_found(request, query)
    store = open_storefront(request.user)
    context = {"store": store, "number": store.total}
    response = render(request, "catalog/results.html" if request.htmx else "catalog/home.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def show_found(request: PageRequest, query: str) -> HttpResponse:
    """Show the page of results that begins after `?after=`; to htmx those alone, or cards that it adds to others."""
    after = request.GET.get("after", "")
    listed = Tool.objects.listed_for(request.user)
    try:
        found = find(cards(listed), query, limit=PAGE, after=after)
    except WrongCursor:
        raise Http404 from None
    [its] = make_cards(found.tools)
    following = f"?{urlencode({'q': query, 'after': found.after})}" if found.after else ""
    number = found.count if after or found.after else len(its)
    context: dict[str, Any] = {"query": query, "cards": its, "next": following, "after": after}
    context |= {"corrections": found.corrections, "number": number, "is_counted": number < MAX_COUNTED}
    context |= {} if its else {"total": number_of_tools(request.user, listed)}
    part = "catalog/more.html" if after else "catalog/results.html"
    response = render(request, part if request.htmx else "catalog/home.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tool(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, empty or filled by `?example=` or `?from=` (an own run); POST launches, once signed in.

    For everybody to whom the tool is open; for all others there is nothing here.
    """
    found = get_object_or_404(Tool.objects.open_to(request.user), slug=slug)
    if request.method == "POST":
        return launch(request, found)
    source = source_of(request, found)
    values = find_values(request, found, source)
    return tool_page(request, found, ToolForm(found.localized.input_schema, values=values, source=source))


def launch(request: HttpRequest, tool: Tool) -> HttpResponse:
    form = posted_form(request, tool)
    if not form.is_valid():
        return tool_page(request, tool, form, status=422)
    if not request.user.is_authenticated:
        return sign_in_first(request, tool, form)
    try:
        job = submit(request.user, tool, form.input)
    except ToolUnavailable as unavailable:
        if unavailable.reason:
            return tool_page(request, tool, form, status=503)
        messages.error(request, _("This tool was switched off just now."))
        return redirect("catalog:home")
    drafts.forget(request, tool)
    return redirect(job)


def sign_in_first(request: HttpRequest, tool: Tool, form: ToolForm) -> HttpResponse:
    """Lead a guest to the sign-in page, and back to what they entered; a long input stays in the form only."""
    if not drafts.keep(request, tool, dict(form.input)):
        too_long = _(
            "Sign in to run %(tool)s. This input is too long to be kept meanwhile: copy it before you sign in."
        )
        messages.warning(request, too_long % {"tool": tool.localized.title})
        return tool_page(request, tool, form, status=403)
    messages.info(request, _("Sign in to run %(tool)s. What you entered is kept.") % {"tool": tool.localized.title})
    return redirect(f"{resolve_url('account_login')}?{urlencode({'next': tool.get_absolute_url()})}")


def posted_form(request: HttpRequest, tool: Tool) -> ToolForm:
    """Return the form as it was sent; a file that it kept is found again where the caller may see it."""

    def find_kept(source: str) -> dict[str, Any]:
        try:
            return find_values(request, tool, source)
        except Http404:
            return {}

    return ToolForm(tool.localized.input_schema, request.POST, request.FILES, find_kept=find_kept)


def source_of(request: HttpRequest, tool: Tool) -> str:
    """Return where the values of the form come from: "from:" and a run, "example:" and a number, "draft", or ""."""
    for name in ("from", "example"):
        if name in request.GET:
            return f"{name}:{request.GET[name]}"
    return "draft" if drafts.find(request, tool) is not None else ""


def find_values(request: HttpRequest, tool: Tool, source: str) -> dict[str, Any]:
    """Return the input that a source names. Raises Http404."""
    kind, _, name = source.partition(":")
    match kind:
        case "from":
            return input_of_run(request, tool, name)
        case "example":
            return input_of_example(tool, name)
    return drafts.find(request, tool) or {}


def input_of_run(request: HttpRequest, tool: Tool, job_id: str) -> dict[str, Any]:
    if not request.user.is_authenticated:
        raise Http404
    try:
        return Job.objects.owned_by(request.user).get(id=job_id, tool=tool).input
    except (Job.DoesNotExist, ValidationError):
        raise Http404 from None


def input_of_example(tool: Tool, number: str) -> dict[str, Any]:
    """Return the input of an example, counted from 1. Text of any length comes in: it is compared, never converted."""
    for position, example in enumerate(tool.examples, start=1):
        if number == str(position):
            return example["input"]
    raise Http404


def tool_page(request: HttpRequest, tool: Tool, form: ToolForm, status: int = 200) -> HttpResponse:
    mine = Job.objects.owned_by(request.user).filter(tool=tool) if request.user.is_authenticated else Job.objects.none()
    context = {
        "tool": tool,
        "facts": facts_of([tool])[tool.pk],
        "versions": history_of(tool),
        "unavailable": find_problem(tool),
        "form": form,
        "examples": examples_to_fill(tool),
        "last_runs": with_excerpts(mine)[:LAST_RUNS],
    }
    return render(request, "catalog/tool.html", context, status=status)


def examples_to_fill(tool: Tool) -> list[dict[str, Any]]:
    """Return each example with the value of every control of the form, by the control's name."""
    return [
        {"title": example["title"], "controls": form.controls(), "open": form.open_fieldsets()}
        for number, example in enumerate(tool.localized.examples, start=1)
        for form in [ToolForm(tool.input_schema, values=example["input"], source=f"example:{number}")]
    ]


@require_POST
def check_field(request: HttpRequest, slug: str) -> HttpResponse:
    """Check the field `?field=` and show its error as HTML; the rest of the form may be missing.

    For everybody to whom the tool is open.
    """
    found = get_object_or_404(Tool.objects.open_to(request.user), slug=slug)
    form = posted_form(request, found)
    name = request.GET.get("field", "")
    if name not in form.fields:
        raise Http404
    return render(request, "catalog/field_error.html", {"id": form[name].auto_id, "error": form.error_of(name)})
