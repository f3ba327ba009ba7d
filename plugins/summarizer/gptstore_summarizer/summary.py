"""Writes one summary, as the kind of the model allows: as it comes, or once it is checked."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from gptstore.sdk import Context, Model, PromptTemplate, Sampling, md
from gptstore.sdk.pieces import drop_empty, strip_pieces
from gptstore_base_model_aids.scoring import Report
from gptstore_base_model_aids.summary_check import Summary, check_summary
from gptstore_summarizer.prompts import STOP, Length, completion_prompt, part_instructions, whole_instructions

CHAT_TOKENS: dict[Length, int] = {"short": 150, "medium": 400, "long": 900}
BASE_TOKENS: dict[Length, int] = {"short": 60, "medium": 130, "long": 240}
PART_TOKENS = 160
MAX_SENTENCES: dict[Length, int] = {"short": 1, "medium": 3, "long": 5}
"""The limit on sentences of the text that may stand in for the summary of a base model."""


@dataclass(frozen=True)
class SummaryKind:
    """The kind of a summary: its length, and whether of a whole text or of one part of it.

    parts: how many parts the whole text has.
    """

    length: Length
    is_part: bool = False
    parts: int = 1

    def fits(self, model: Model, text: str) -> bool:
        return self.template(model).fits(model, text)

    def split(self, model: Model, text: str) -> list[str]:
        too_small = f"This model reads and writes only {model.context_length} tokens, too few to summarize."
        return self.template(model).split_to_fit(model, text, too_small=too_small)

    def stream(self, model: Model, text: str) -> Iterator[str]:
        return self.template(model).stream(model, text, **self.sampling(model))

    def map(self, model: Model, texts: Sequence[str]) -> Iterator[str]:
        """Yield the model's summary of each of these texts; it makes several at the same time."""
        return self.template(model).map(model, texts, **self.sampling(model))

    def sampling(self, model: Model) -> Sampling:
        return {"temperature": 0.3 if model.is_chat else 0, "top_p": 0.9}

    def template(self, model: Model) -> PromptTemplate:
        return PromptTemplate(
            system=part_instructions() if self.is_part else whole_instructions(self.length),
            completion=lambda text: completion_prompt(text, self.length),
            stop=STOP,
            max_tokens=self.max_tokens(model),
        )

    def max_tokens(self, model: Model) -> int:
        """Return the most tokens of the summary; never more than a quarter of the context."""
        limit = (CHAT_TOKENS if model.is_chat else BASE_TOKENS)[self.length]
        return min(limit, PART_TOKENS if self.is_part else limit, model.context_length // 4)


def stream_summary(
    ctx: Context, text: str, kind: SummaryKind, report: Report, answers: Iterator[str] | None = None
) -> Generator[str, None, str]:
    """Show a chat model's summary as it comes, a base model's once it is checked. Return it without remarks.

    answers: the next of them is a base model's answer about this text; without them it is asked.
    """
    if ctx.model.is_chat:
        pieces = strip_pieces(drop_empty(kind.stream(ctx.model, text)))
        return (yield from md.escape_pieces(pieces) if kind.is_part else md.escape_quoted(pieces, text))
    summary = checked_summary(ctx, text, kind, report, answers or kind.map(ctx.model, [text]))
    if summary.text:
        yield str(summary)
    return summary.text


def advice(model: Model) -> str:
    """Return what to do when the model gives no summary: to run the tool again helps only where chance decides."""
    if model.is_chat:
        return "Run the tool again, or choose another length."
    return "Give it a text with whole sentences; to run the tool again would give the same."


def read_summaries(ctx: Context, texts: Sequence[str], kind: SummaryKind) -> Iterator[str]:
    """Yield the same summaries without showing them, as material of a further summary."""
    answers = kind.map(ctx.model, texts)
    if ctx.model.is_chat:
        yield from (answer.strip() for answer in answers)
    else:
        yield from (checked_summary(ctx, text, kind, lambda share, doing: None, answers).text for text in texts)


def checked_summary(ctx: Context, text: str, kind: SummaryKind, report: Report, answers: Iterator[str]) -> Summary:
    """Return a base model's summary, which is the next of the answers, checked.

    report: takes the share that is done, 0 to 1, and a text for people.
    """
    report(0, "Summarizing")
    answer = next(answers)
    prompt = completion_prompt(text, kind.length)
    summary = check_summary(ctx, text, answer, prompt, MAX_SENTENCES[kind.length], report, kind.parts)
    report(1, "Done")
    return summary
