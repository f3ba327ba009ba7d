"""Summarizes texts that are longer than the model's context: part by part, then the whole."""

from collections.abc import Iterator
from dataclasses import replace

from gptstore.sdk import Context
from gptstore_base_model_aids.scoring import Report
from gptstore_summarizer.prompts import Length
from gptstore_summarizer.summary import SummaryKind, read_summary, stream_summary


def summarize_parts(ctx: Context, parts: list[str], length: Length) -> Iterator[str]:
    """Stream a summary of each part, so that reading starts at once, and at the end one of the whole text."""
    kind = SummaryKind(length, is_part=True, parts=len(parts))
    steps = len(parts) + 1
    summaries = []
    for number, part in enumerate(parts, start=1):
        if ctx.canceled:
            return
        ctx.progress(number - 1, steps, f"Summarizing part {number} of {len(parts)}")
        yield f"**Part {number} of {len(parts)}.** "
        summary = yield from stream_summary(ctx, part, kind, step(ctx, number - 1, steps, f"Part {number}: "))
        if summary:
            summaries.append(summary)
        else:
            yield "*(The model gave no summary of this part.)*"
        yield "\n\n"

    ctx.progress(len(parts), steps, "Summarizing the whole text")
    material = condense(ctx, summaries, SummaryKind(length, parts=len(parts)))
    if material is None or ctx.canceled:
        return
    yield "### The whole text\n\n"
    yield from stream_summary(ctx, material, SummaryKind(length), step(ctx, len(parts), steps, "The text: "))
    ctx.progress(steps, steps, "Done")


def step(ctx: Context, number: int, steps: int, what: str) -> Report:
    """Return a callback that reports the share of one step of several as part of the whole."""
    return lambda share, doing: ctx.progress(number + share, steps, f"{what}{doing[0].lower()}{doing[1:]}")


def condense(ctx: Context, summaries: list[str], kind: SummaryKind) -> str | None:
    """Join summaries to a text that fits into the context, summarizing them again as often as it needs.

    Return None when there is nothing to join, or when the model's summaries don't get shorter than their texts.
    """
    material = "\n".join(summaries)
    shorter_kind = replace(kind, length="short", is_part=True)
    while material and not kind.fits(ctx.model, material):
        if ctx.canceled:
            return None
        parts = shorter_kind.split(ctx.model, material)
        shorter = "\n".join(read_summary(ctx, part, shorter_kind) for part in parts)
        if len(shorter) >= len(material) * 0.8:
            ctx.log("The summaries of the parts are too long to be summed up once more; they stand as they are.")
            return None
        material = shorter
    return material or None
