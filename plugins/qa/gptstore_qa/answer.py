"""The tool: a passage and a question go in, the answer and the sentences it rests on stream out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Field, LongText, ToolError, tool
from gptstore.sdk.pieces import strip_pieces
from gptstore_qa.checked_answer import checked_answer
from gptstore_qa.evidence import NO_ANSWER, find_evidence, show
from gptstore_qa.examples import EXAMPLES
from gptstore_qa.long_passage import answer_from_parts
from gptstore_qa.request import Request


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
    request = Request(ctx.model, question)
    parts = [passage] if request.fits(passage) else request.split(passage)
    if len(parts) > 1:
        ctx.log(f"The passage is longer than the model can read at once; it is split into {len(parts)} parts.")
    if not ctx.model.is_chat:
        yield from checked_answer(ctx, parts, question)
        return
    if len(parts) == 1:
        found, source = (yield from strip_pieces(request.stream(passage))), passage
    else:
        found, source = yield from answer_from_parts(ctx, parts, question)
    if ctx.canceled:
        return
    yield f"\n\n{show(find_evidence(source, question, found))}" if found else NO_ANSWER
