"""The tool: a question goes in, the SQL that answers it comes out."""

from typing import Annotated

from gptstore.sdk import Context, Example, Field, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool

FENCE = "```"
PROMPT = PromptTemplate(
    system="Write one SQL query that answers the user's question from the user's tables. Answer with the SQL only.",
    completion=lambda text: f"{text}\n-- The query:\nSELECT",
    stop=";",
    max_tokens=400,
)


@tool(
    title="My tool",
    slug="my-tool",
    category="code",
    tags=["SQL", "database", "query"],
    icon="icon.svg",
    output="code",
    language="sql",
    examples=[
        Example("Books of a year", {"question": "Which books came out in 1984?", "tables": "books(id, title, year)"}),
    ],
)
def my_tool(
    ctx: Context,
    question: Annotated[str, Field(description="What you want to know.", min_length=3, max_length=500)],
    tables: Annotated[
        LongText, Field(description="The tables with their columns.", placeholder="books(id, title, year)")
    ],
) -> str:
    """Write an SQL query from a question.

    You get one query, ready to copy. It is never run, so read it before you use it.
    """
    asked = f"-- Tables: {' '.join(tables.split())}\n-- Question: {question.strip()}"
    if not PROMPT.fits(ctx.model, asked):
        raise ToolError("The tables are too long for this model. Leave out those that the question is not about.")
    query = without_fence("".join(PROMPT.stream(ctx.model, asked, temperature=0)))
    if not query:
        raise ToolError("The model gave no query. Ask in other words and run the tool again.")
    return f"{query if ctx.model.is_chat else f'SELECT {query}'};"


def without_fence(answer: str) -> str:
    """Return the code of an answer, which many models put between Markdown fences, without the sign at its end."""
    if FENCE in answer:
        answer = answer.split(FENCE)[1].partition("\n")[2]
    return answer.strip().removesuffix(";").strip()


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [my_tool]
