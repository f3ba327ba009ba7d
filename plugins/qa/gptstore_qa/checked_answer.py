"""The answer of a base model: shown if it stands in the passage, else the sentence that answers best is chosen."""

from collections.abc import Iterator

from gptstore.sdk import Context
from gptstore_qa.choose_sentence import choose_sentence
from gptstore_qa.evidence import NO_ANSWER, quote, show
from gptstore_qa.long_passage import best_of, choose_parts, read_parts
from gptstore_qa.span import find_span

CHOSEN = "**Chosen from the text** (the model gave no answer that stands in it):"


def checked_answer(ctx: Context, parts: list[str], question: str) -> Iterator[str]:
    """A base model was trained to copy the answer; what it made up instead is kept back, and named in the log."""
    parts = choose_parts(ctx, parts, question)
    steps = len(parts) + 1

    def accept(part: str, answer: str) -> str:
        span = find_span(part, answer)
        if not span:
            ctx.log(f"Not in the passage, so not shown: {answer[:200]}")
        return span

    findings = read_parts(ctx, parts, question, steps, accept)
    if ctx.canceled:
        return
    if findings:
        best = best_of(findings)
        yield f"{best.answer}\n\n{show(best.evidence)}"
    else:
        sentence = choose_sentence(
            ctx, parts, question, lambda share, doing: ctx.progress(len(parts) + share, steps, doing)
        )
        yield f"{CHOSEN}\n\n{quote([sentence])}" if sentence else NO_ANSWER
    ctx.progress(steps, steps, "Done")
