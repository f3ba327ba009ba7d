"""Corrects a text, and leaves everything in it that is no mistake."""

from collections.abc import Iterator

from gptstore.sdk import Context, Example, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool
from gptstore.sdk.lines import split_lines
from gptstore.sdk.masks import Masks

FIX = PromptTemplate(
    system="Correct the spelling, grammar and punctuation of what the user sends. Change nothing else: not the words, "
    "not the tone, not the language. Answer with the corrected text only.",
    completion=lambda text: f"Text with mistakes: {text.strip()}\n\nThe same text without mistakes:",
    stop="\n",
    max_tokens=300,
)


@tool(
    title="Grammar fixer",
    category="writing",
    tags=["spelling", "proofreading", "grammar"],
    examples=[Example("A hasty mail", {"text": "Their is two questions i has for you.\nSee https://example.com/faq"})],
)
def grammar_fixer(ctx: Context, text: LongText) -> Iterator[str]:
    """Correct the spelling, grammar and punctuation of a text.

    Line breaks, addresses, code and numbers stay as they are.
    """
    if not text.strip():
        raise ToolError("Paste the text that you want to correct.")
    masks = Masks(text)
    lines = split_lines(masks.text)
    for number, (line, end) in enumerate(lines):
        ctx.progress(number, len(lines))
        for part in FIX.split_to_fit(ctx.model, line):
            yield masks.restore(fix(ctx, masks, part))
        yield end


def fix(ctx: Context, masks: Masks, part: str) -> str:
    """Return the corrected part, or the part as it was where the model lost some of it."""
    if not masks.remove(part).strip():
        return part
    answer = "".join(FIX.stream(ctx.model, part, temperature=0)).strip()
    if not answer or (lost := masks.lost(part, answer)):
        ctx.log(
            f"This was left as it is: {masks.restore(part).strip()[:80]}" + (f" (lost: {lost[0]})" if answer else "")
        )
        return part
    return answer + part[len(part.rstrip()) :]


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [grammar_fixer]
