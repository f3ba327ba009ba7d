"""The pages of the documentation. Anyone may read them: they show nothing of this store or the people in it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from gptstore.web.docs.contents import Group, Words
from gptstore.web.docs.freshness import not_sent_twice
from gptstore.web.docs.library import Library, Page, library
from gptstore.web.docs.links import page_name
from gptstore.web.docs.search import search

MAX_QUERY = 200
IMAGE_SECONDS = 3600


@require_safe
@not_sent_twice
def index(request: HttpRequest) -> HttpResponse:
    """Show the contents, or the search results for `q`. Anyone may call it."""
    shelf = library()
    if not shelf.pages:
        return render(request, "docs/missing.html")
    query = " ".join(request.GET.get("q", "")[:MAX_QUERY].replace("\0", "").split())
    groups = [(group, shelf.pages.get(group.slug), entries(shelf, group)) for group in shelf.groups]
    found = search(shelf, query)
    return render(request, "docs/index.html", {"query": query, "found": found, "groups": groups, "has_search": True})


def entries(shelf: Library, group: Group) -> list[tuple[Page, Words]]:
    """Return the pages of a group with their sentences, without the one that its heading leads to."""
    return [(shelf.pages[name], sentence) for name, sentence in group.sentences.items() if name != group.slug]


@require_safe
@not_sent_twice
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one page; by the name of its file too. Anyone may call it."""
    shelf = library()
    if not shelf.pages:
        return render(request, "docs/missing.html", status=404)
    if name not in shelf.pages:
        if page_name(name) in shelf.pages:
            return redirect("docs:page", page_name(name), permanent=True)
        words = " ".join(name.replace("-", " ").replace("/", " ").split())[:MAX_QUERY]
        return render(request, "docs/not_found.html", {"query": words, "has_search": True}, status=404)
    before, after = shelf.around(name)
    return render(request, "docs/page.html", {"page": shelf.pages[name], "before": before, "after": after})


@require_safe
def image(request: HttpRequest, name: str) -> HttpResponse:
    """Send an image that a page shows. Anyone may call it."""
    path = library().images.get(name)
    if path is None:
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="image/png")
    patch_cache_control(response, public=True, max_age=IMAGE_SECONDS)
    return response
