"""`gptstore tools`: the catalogue of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gptstore.sdk.cli.console import is_terminal, print_json, print_note
from gptstore.sdk.cli.errors import CommandError, StoreError
from gptstore.sdk.cli.options import AllowHttp, AsJson, Server
from gptstore.sdk.cli.run import print_help

if TYPE_CHECKING:
    from gptstore.sdk.cli.store_client import Store

Words = Annotated[list[str] | None, typer.Argument(help="Words to search for, or the slug of a tool.")]
Category = Annotated[str, typer.Option("--category", help="The slug of a category, such as writing.")]


def tools(
    words: Words = None,
    category: Category = "",
    as_json: AsJson = False,
    server: Server = None,
    allow_http: AllowHttp = False,
) -> None:
    """List the tools of a store, those that fit the words best first; or show one tool and its flags.

    On a terminal it is a table, to a pipe JSON lines: a tool a line, as the API returns it.

    Examples:

        gptstore tools

        gptstore tools translate --category languages

        gptstore tools summarizer

        gptstore tools | jq -r .slug
    """
    from gptstore.sdk.cli.connect import connect
    from gptstore.sdk.cli.table import print_table

    with connect(server, allow_http=allow_http) as store:
        if words and len(words) == 1 and not category and (tool := find_tool(store, words[0])):
            show_tool(tool, as_json=as_json)
            return
        found = list(store.tools(" ".join(words or []), category))
    if as_json or not is_terminal():
        for tool in found:
            print_json(tool)
    elif found:
        rows = [(tool["slug"], tool["summary"]) for tool in found]
        print_table(("TOOL", "WHAT IT DOES"), rows, cuts_last=False)
    else:
        print_note("No tool fits. See all of them:  gptstore tools")


def find_tool(store: Store, slug: str) -> dict[str, Any] | None:
    """Return the tool of this slug, None when the word is no slug."""
    try:
        return store.tool(slug)
    except StoreError:
        raise
    except CommandError:
        return None


def show_tool(tool: dict[str, Any], *, as_json: bool) -> None:
    """Print a tool: for a person as the help of its command."""
    if as_json or not is_terminal():
        print_json(tool)
    else:
        print_help(tool)
