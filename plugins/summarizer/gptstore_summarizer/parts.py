"""Summarizes texts that are longer than the model's context: part by part, then the whole."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from gptstore.sdk import Context, ToolError
from gptstore_base_model_aids.scoring import Report
from gptstore_summarizer.prompts import Length
from gptstore_summarizer.summary import SummaryKind, advice, read_summaries, stream_summary


def summarize_parts(ctx: Context, parts: list[str], length: Length) -> Iterator[str]:
    """Stream a summary of each part, so that reading starts at once, and at the end one of the whole text.

    Raises ToolError when the model gave no summary of most parts.
    """
    kind = SummaryKind(length, is_part=True, parts=len(parts))
    steps = len(parts) + 1
    summaries: list[str] = []
    without: list[int] = []
    answers = None if ctx.model.is_chat else kind.map(ctx.model, parts)
    for number, part in enumerate(parts, start=1):
        if ctx.canceled:
            return
        ctx.progress(number - 1, steps, f"Summarizing part {number} of {len(parts)}")
        report = step(ctx, number - 1, steps, f"Part {number}: ")
        head = f"{remark(without)}**Part {number} of {len(parts)}.** "
        summary = yield from with_head(head, stream_summary(ctx, part, kind, report, answers))
        if summary:
            yield "\n\n"
            summaries.append(summary)
            without.clear()
        else:
            without.append(number)
            missing = number - len(summaries)
            if missing > len(parts) // 2:
                raise ToolError(f"The model gave no summary of most of the {len(parts)} parts. {advice(ctx.model)}")
    yield remark(without)

    ctx.progress(len(parts), steps, "Summarizing the whole text")
    material = condense(ctx, summaries, SummaryKind(length, parts=len(parts)))
    if material is None or ctx.canceled:
        return
    report = step(ctx, len(parts), steps, "The text: ")
    whole = yield from with_head("### The whole text\n\n", stream_summary(ctx, material, SummaryKind(length), report))
    if not whole:
        ctx.log("The model gave no summary of the whole text; those of its parts stand alone.")
    ctx.progress(steps, steps, "Done")


def with_head(head: str, pieces: Generator[str, None, str]) -> Generator[str, None, str]:
    """Pass a summary on below its head; nothing at all when there is no summary. Return what the pieces return."""
    try:
        first = next(pieces)
    except StopIteration as end:
        return str(end.value or "")
    yield head
    yield first
    return (yield from pieces)


def remark(numbers: Sequence[int]) -> str:
    """Return the remark on parts without a summary, which follow each other, or nothing."""
    if not numbers:
        return ""
    parts = f"part {numbers[0]}" if len(numbers) == 1 else f"parts {numbers[0]} to {numbers[-1]}"
    return f"*(The model gave no summary of {parts}.)*\n\n"


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
        shorter = "\n".join(read_summaries(ctx, parts, shorter_kind))
        if len(shorter) >= len(material) * 0.8:
            ctx.log("The summaries of the parts are too long to be summed up once more; they stand as they are.")
            return None
        material = shorter
    return material or None
