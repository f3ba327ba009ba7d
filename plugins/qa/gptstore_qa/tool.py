"""The tool: a passage and a question go in, the answer and the sentences it rests on stream out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Field, LongText, Tool, ToolError, hookimpl, md, tool
from gptstore.sdk.pieces import strip_pieces
from gptstore_base_model_aids.answer_sentence import choose_sentence
from gptstore_base_model_aids.answer_span import keep_span
from gptstore_qa.evidence import NO_ANSWER, find_evidence, quote, show
from gptstore_qa.examples import EXAMPLES
from gptstore_qa.reading import answer_from_parts, ask, best_of, choose_parts, read_parts, split_passage

CHOSEN = "**Chosen from the text** (the model gave no answer that stands in it):"


@tool(
    title="Question answering",
    slug="qa",
    category="answers",
    tags=["question", "answer", "reading", "passage", "evidence", "quote"],
    output="markdown",
    examples=EXAMPLES,
)
def answer(
    ctx: Context,
    passage: Annotated[
        LongText,
        Field(
            title="Passage",
            description="The text that holds the answer. Nothing else is used.",
            placeholder="Paste the text to ask about",
            max_length=200_000,
        ),
    ],
    question: Annotated[
        str,
        Field(
            title="Question",
            description="One question in plain words.",
            placeholder="When …? Who …? Why …?",
            max_length=500,
        ),
    ],
) -> Iterator[str]:
    """Answer a question from a passage, and show the sentences the answer relies on.

    The answer comes from the passage alone. Below it stand the sentences that hold its words, so that you can check
    it at a glance. Where nothing in the passage matches, that is said too.
    """
    if not passage.strip():
        raise ToolError("There is no passage to read. Paste the text that holds the answer and run the tool again.")
    if not question.strip():
        raise ToolError("There is no question. Write what you want to know and run the tool again.")
    parts = split_passage(ctx.model, passage, question)
    if len(parts) > 1:
        ctx.log(f"The passage is longer than the model can read at once; it is split into {len(parts)} parts.")
    if not ctx.model.is_chat:
        yield from checked_answer(ctx, parts, question)
        return
    if len(parts) == 1:
        found, source = (yield from md.escape_pieces(strip_pieces(ask(ctx.model, passage, question)))), passage
    else:
        found, source = yield from answer_from_parts(ctx, parts, question)
    if ctx.canceled:
        return
    yield f"\n\n{show(find_evidence(source, question, found), found)}" if found else NO_ANSWER


def checked_answer(ctx: Context, parts: list[str], question: str) -> Iterator[str]:
    """Show a base model's answer if it stands in the passage, else the sentence that answers the question best."""
    parts = choose_parts(ctx, parts, question)
    steps = len(parts) + 1
    findings = read_parts(ctx, parts, question, steps, accept=lambda part, found: keep_span(ctx, part, found))
    if ctx.canceled:
        return
    if findings:
        best = best_of(findings)
        yield f"{md.escape(best.answer)}\n\n{show(best.evidence, best.answer)}"
    else:
        sentence = choose_sentence(
            ctx, parts, question, lambda share, doing: ctx.progress(len(parts) + share, steps, doing)
        )
        yield f"{CHOSEN}\n\n{quote([sentence], question)}" if sentence else NO_ANSWER
    ctx.progress(steps, steps, "Done")


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [answer]
