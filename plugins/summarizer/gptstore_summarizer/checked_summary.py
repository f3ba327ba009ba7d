"""The summary of a base model: shown if it keeps to the text, else sentences are chosen from the text."""

from collections.abc import Sequence
from dataclasses import dataclass

from gptstore.sdk import Context
from gptstore.sdk.text import split_sentences
from gptstore_summarizer.check import find_fault
from gptstore_summarizer.choose_sentences import Report, choose_sentences
from gptstore_summarizer.request import Request

CHOSEN = "*Sentences chosen from the text:*"
SENTENCE_ENDS = tuple(".!?…。！？")
CLOSERS = "\"'”’»)]）」』"


@dataclass(frozen=True)
class Summary:
    """Empty when the model gave none and nothing could be chosen either."""

    text: str
    is_chosen: bool = False

    def __str__(self) -> str:
        return f"{CHOSEN}\n\n{self.text}" if self.text and self.is_chosen else self.text


def checked_summary(ctx: Context, text: str, request: Request, report: Report) -> Summary:
    """report: gets the share that is done, from 0 to 1, and what is being done."""
    report(0, "Summarizing")
    said = without_torn_end("".join(request.stream(text)).strip())
    summary = Summary(said)
    if fault := find_fault(text, said):
        ctx.log(f"The model's summary is not shown, because {fault}: {said[:200]}")
        sentences = choose_sentences(ctx, text, request.length, report, parts=request.parts)
        summary = Summary(join(sentences), is_chosen=True)
    report(1, "Done")
    return summary


def join(sentences: Sequence[str]) -> str:
    """Chinese sentences stand without spaces between them."""
    return (" " if any(" " in sentence for sentence in sentences) else "").join(sentences)


def without_torn_end(summary: str) -> str:
    """The summary without a last sentence that has no end, if there is another one."""
    sentences = split_sentences(summary)
    if len(sentences) > 1 and not sentences[-1].rstrip(CLOSERS + " ").endswith(SENTENCE_ENDS):
        sentences.pop()
    return "".join(sentences).strip()
