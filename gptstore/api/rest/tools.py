"""The catalogue. Everybody may read what is open to them: guests too, and without a key."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja import Query, Router

from gptstore.accounts.models import User
from gptstore.api.rest.auth import caller
from gptstore.api.rest.errors import FieldProblem, Kind, Problem
from gptstore.api.rest.http import problems
from gptstore.api.rest.schemas import PageWithNext, ToolFilter
from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.lists import TITLE, page_of, slice_by_category
from gptstore.catalog.models import Tool, ToolQuerySet
from gptstore.catalog.search.find import find
from gptstore.catalog.search.levels import Filters
from gptstore.catalog.serialize import ToolOut, serialize_tool, serialize_tools
from gptstore.catalog.tool_counts import number_in_lists
from gptstore.faces import base_url
from gptstore.releases.errors import UnknownVersion
from gptstore.releases.versions import pin

router = Router(tags=["tools"])


@router.get("", response={200: PageWithNext[ToolOut], **problems(422)}, operation_id="list_tools", summary="List tools")
def list_tools(request: HttpRequest, query: Query[ToolFilter]) -> dict[str, Any]:
    """The tools of the catalogue, by category and title; those that a search finds, the best first."""
    tools: ToolQuerySet = Tool.objects.listed_for(caller(request))
    filters = Filters(query.category, query.tag, query.language, query.output, query.publisher)
    if query.cursor is not None:
        return page_by_cursor(request, query, tools, filters)
    if query.search.strip() or filters != Filters(query.category):
        found = find(tools, query.search, filters=filters, limit=query.limit, offset=query.offset)
        return {"items": serialize_tools(found.tools, base_url(request)), "count": found.count}
    if query.category:
        tools = tools.filter(category__slug=query.category)
    page = slice_by_category(tools, query.offset, query.limit)
    return {
        "items": serialize_tools(page, base_url(request)),
        "count": number_in_lists(caller(request), query.category),
    }


def page_by_cursor(request: HttpRequest, query: ToolFilter, tools: ToolQuerySet, filters: Filters) -> dict[str, Any]:
    """Return the page that begins after a cursor: what a search or its filters find, else the tools by title.

    Raises Problem for a cursor that no page of this list gave.
    """
    after = query.cursor or ""
    try:
        if query.search.strip() or filters != Filters(query.category):
            found = find(tools, query.search, filters=filters, limit=query.limit, after=after)
            items, following, count = found.tools, found.after, found.count
        else:
            if query.category:
                tools = tools.filter(category__slug=query.category)
            page = page_of(tools, TITLE, after, query.limit)
            items, following = page.tools, page.after
            count = number_in_lists(caller(request), query.category)
    except WrongCursor:
        problem = FieldProblem("cursor", "No page of this list gave this cursor.", "invalid")
        raise Problem(Kind.INVALID_INPUT, errors=[problem]) from None
    return {"items": serialize_tools(items, base_url(request)), "count": count, "next_cursor": following or None}


@router.get("/{slug:slug}", response={200: ToolOut, **problems(404)}, operation_id="get_tool", summary="Get a tool")
def get_tool(request: HttpRequest, slug: str) -> ToolOut:
    """One tool with the JSON Schema of its input, and examples to try."""
    return serialize_tool(find_tool(caller(request), slug), base_url(request))


@router.get(
    "/{slug:slug}@{version}",
    response={200: ToolOut, **problems(404)},
    operation_id="get_tool_version",
    summary="Get a version of a tool",
)
def get_tool_version(request: HttpRequest, slug: str, version: str) -> ToolOut:
    """One tool as this version has it: its inputs may be others than those of the live version.

    There is the live version, maybe one that is being rolled out, and older ones while their last runs go on.
    """
    tool = find_version(caller(request), slug, version)
    found = serialize_tool(tool, base_url(request))
    address = f"{base_url(request)}/api/v1/tools/{tool.slug}@{tool.version}"
    return found.model_copy(update={"urls": found.urls.model_copy(update={"get": address, "jobs": f"{address}/jobs"})})


def find_version(user: User | AnonymousUser, slug: str, version: str) -> Tool:
    """Return the tool as this version has it, if it is open to this person.

    Raises Problem, which names the versions that there are.
    """
    try:
        return pin(find_tool(user, slug), version)
    except UnknownVersion as error:
        raise Problem(Kind.NOT_FOUND, str(error)) from None


def find_tool(user: User | AnonymousUser, slug: str) -> Tool:
    """Return the tool if it is open to this person. Raises Problem, the same as for one that is not there."""
    tool = Tool.objects.open_to(user).filter(slug=slug).first()
    if tool is None:
        raise no_tool(slug)
    return tool


def no_tool(slug: str) -> Problem:
    return Problem(Kind.NOT_FOUND, f"There is no tool “{slug}”.")
