"""The catalogue. Everybody may read it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router

from gptstore.api.rest.errors import Kind, Problem
from gptstore.api.rest.http import problems
from gptstore.api.rest.schemas import PageOf, ToolFilter
from gptstore.catalog.models import Tool
from gptstore.catalog.search import search
from gptstore.catalog.serialize import ToolOut, serialize_tool, serialize_tools
from gptstore.faces import base_url

router = Router(tags=["tools"])


@router.get("", response={200: PageOf[ToolOut], **problems(422)}, operation_id="list_tools", summary="List tools")
def list_tools(request: HttpRequest, query: Query[ToolFilter]) -> dict[str, Any]:
    """The tools of the catalogue, by category and title."""
    tools: QuerySet[Tool] = Tool.objects.listed()
    if query.category:
        tools = tools.filter(category__slug=query.category)
    found = search(tools, query.search) if query.search.strip() else list(tools)
    page = found[query.offset : query.offset + query.limit]
    return {"items": serialize_tools(page, base_url(request)), "count": len(found)}


@router.get("/{slug:slug}", response={200: ToolOut, **problems(404)}, operation_id="get_tool", summary="Get a tool")
def get_tool(request: HttpRequest, slug: str) -> ToolOut:
    """One tool with the JSON Schema of its input, and examples to try."""
    return serialize_tool(find_tool(slug), base_url(request))


def find_tool(slug: str) -> Tool:
    tool = Tool.objects.listed().filter(slug=slug).first()
    if tool is None:
        raise Problem(Kind.NOT_FOUND, f"There is no tool “{slug}”.")
    return tool
