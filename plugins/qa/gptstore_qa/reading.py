"""Asks about a passage: at once, or part by part if it is longer than the model's context."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gptstore.sdk import Context, Model, PromptTemplate, md
from gptstore.sdk.pieces import drop_empty, strip_pieces
from gptstore.sdk.words import IdfWeights, content_words
from gptstore_qa.evidence import Evidence, find_evidence
from gptstore_qa.prompts import INSTRUCTIONS, NOT_FOUND, STOP, chat_prompt, completion_prompt

CHAT_TOKENS = 300
BASE_TOKENS = 48
MAX_PARTS = 8
"""The limit on parts: those that share the least words with the question are left out, and the log says so."""


@dataclass(frozen=True)
class Finding:
    """A finding: the model's answer from one part."""

    part: str
    answer: str
    evidence: Evidence

    @property
    def worth(self) -> float:
        """Return how far to trust it: the answer's words stand in the part, beside the words of the question."""
        return self.evidence.support * (0.2 + self.evidence.relevance)

    @property
    def notes(self) -> str:
        return "\n".join([self.answer, *self.evidence.sentences])


def make_template(model: Model, question: str) -> PromptTemplate:
    return PromptTemplate(
        system=INSTRUCTIONS,
        user=lambda passage: chat_prompt(passage, question),
        completion=lambda passage: completion_prompt(passage, question),
        stop=STOP,
        max_tokens=min(CHAT_TOKENS if model.is_chat else BASE_TOKENS, model.context_length // 4),
    )


def split_passage(model: Model, passage: str, question: str) -> list[str]:
    """Return the passage, or parts of it that fit the context. Raises ToolError when the question alone fills it."""
    template = make_template(model, question)
    if template.fits(model, passage):
        return [passage]
    too_small = "The question is too long for this model. Ask it in fewer words."
    return template.split_to_fit(model, passage, too_small=too_small)


def ask(model: Model, passage: str, question: str) -> Iterator[str]:
    """Return the answer; nothing when a chat model answers that the passage does not hold it."""
    template = make_template(model, question)
    pieces = template.stream(model, passage, temperature=0.1 if model.is_chat else 0, top_p=0.9)
    return drop_not_found(drop_empty(pieces)) if model.is_chat else pieces


def drop_not_found(pieces: Iterable[str]) -> Iterator[str]:
    """Pass an answer on as it comes; pass nothing on when it is `NOT_FOUND`."""
    held = ""
    decided = False
    for piece in pieces:
        if decided:
            yield piece
            continue
        held += piece
        start = held.lstrip(" \n*\"'")
        if start.startswith(NOT_FOUND):
            return
        if not NOT_FOUND.startswith(start):
            decided = True
            yield held
    if not decided:
        yield held


def answer_from_parts(ctx: Context, parts: list[str], question: str) -> Generator[str, None, tuple[str, str]]:
    """Ask a chat model about each part, and stream an answer that combines all that was found.

    Return the answer and the text that it was found in.
    """
    parts = choose_parts(ctx, parts, question)
    findings = read_parts(ctx, parts, question, len(parts))
    if ctx.canceled:
        return "", ""
    ctx.progress(len(parts), len(parts), "Answering")
    if not findings:
        return "", ""
    notes = "\n\n".join(finding.notes for finding in findings)
    if len(findings) > 1 and make_template(ctx.model, question).fits(ctx.model, notes):
        combined = yield from md.escape_pieces(strip_pieces(ask(ctx.model, notes, question)))
        if combined:
            return combined, "\n".join(finding.part for finding in findings)
    best = best_of(findings)
    yield md.escape(best.answer)
    return best.answer, best.part


def read_parts(
    ctx: Context,
    parts: list[str],
    question: str,
    steps: int,
    accept: Callable[[str, str], str] = lambda part, answer: answer,
) -> list[Finding]:
    """Ask each part. `accept` takes a part and its answer, and returns the answer to keep, or nothing.

    steps: how many steps of progress the whole run has; each part is one.
    """
    findings = []
    for number, part in enumerate(parts, start=1):
        if ctx.canceled:
            return []
        ctx.progress(number - 1, steps, f"Reading part {number} of {len(parts)}" if len(parts) > 1 else "Reading")
        answer = "".join(ask(ctx.model, part, question)).strip()
        found = accept(part, answer) if answer else ""
        if found:
            findings.append(Finding(part, found, find_evidence(part, question, found)))
    return findings


def best_of(findings: Sequence[Finding]) -> Finding:
    return max(findings, key=lambda finding: finding.worth)


def choose_parts(ctx: Context, parts: list[str], question: str) -> list[str]:
    """Return the parts to read, in order: all, or those that share the most and rarest words with the question."""
    if len(parts) <= MAX_PARTS:
        return parts
    words = [frozenset(content_words(part)) for part in parts]
    weights = IdfWeights(words)
    asked = frozenset(content_words(question))
    ranked = sorted(range(len(parts)), key=lambda i: weights.sum(words[i] & asked), reverse=True)
    ctx.log(f"The passage has {len(parts)} parts; the {MAX_PARTS} that speak most of the question are read.")
    return [parts[i] for i in sorted(ranked[:MAX_PARTS])]
