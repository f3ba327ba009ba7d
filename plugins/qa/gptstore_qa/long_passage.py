"""Questions about passages that are longer than the model's context."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from gptstore.sdk import Context
from gptstore.sdk.pieces import strip_pieces
from gptstore_qa.evidence import Evidence, Weights, find_evidence
from gptstore_qa.request import Request
from gptstore_qa.words import content_words

MAX_PARTS = 8
"""More parts than this are not read: the ones that speak least of the question are left out, and the log says so."""


@dataclass(frozen=True)
class Finding:
    """What the model answered from one part."""

    part: str
    answer: str
    evidence: Evidence

    @property
    def worth(self) -> float:
        """How far to trust it: the answer's words stand in the part, beside the words of the question."""
        return self.evidence.support * (0.2 + self.evidence.relevance)

    @property
    def notes(self) -> str:
        return "\n".join([self.answer, *self.evidence.sentences])


def answer_from_parts(ctx: Context, parts: list[str], question: str) -> Generator[str, None, tuple[str, str]]:
    """Ask a chat model about each part, and stream an answer that combines all that was found.

    Returns the answer and the text that it was found in.
    """
    request = Request(ctx.model, question)
    parts = choose_parts(ctx, parts, question)
    findings = read_parts(ctx, parts, question, len(parts))
    if ctx.canceled:
        return "", ""
    ctx.progress(len(parts), len(parts), "Answering")
    if not findings:
        return "", ""
    notes = "\n\n".join(finding.notes for finding in findings)
    if len(findings) > 1 and request.fits(notes):
        combined = yield from strip_pieces(request.stream(notes))
        if combined:
            return combined, "\n".join(finding.part for finding in findings)
    best = best_of(findings)
    yield best.answer
    return best.answer, best.part


def read_parts(
    ctx: Context,
    parts: list[str],
    question: str,
    steps: int,
    accept: Callable[[str, str], str] = lambda part, answer: answer,
) -> list[Finding]:
    """Ask each part. `accept` gets a part and the answer to it; it gives the answer to keep, or nothing.

    steps: how many steps of progress the whole run has; each part is one.
    """
    request = Request(ctx.model, question)
    findings = []
    for number, part in enumerate(parts, start=1):
        if ctx.canceled:
            return []
        ctx.progress(number - 1, steps, f"Reading part {number} of {len(parts)}" if len(parts) > 1 else "Reading")
        answer = "".join(request.stream(part)).strip()
        found = accept(part, answer) if answer else ""
        if found:
            findings.append(Finding(part, found, find_evidence(part, question, found)))
    return findings


def best_of(findings: Sequence[Finding]) -> Finding:
    return max(findings, key=lambda finding: finding.worth)


def choose_parts(ctx: Context, parts: list[str], question: str) -> list[str]:
    """The parts to read, in their order: all, or those that share the most and rarest words with the question."""
    if len(parts) <= MAX_PARTS:
        return parts
    words = [frozenset(content_words(part)) for part in parts]
    weights = Weights(words)
    asked = frozenset(content_words(question))
    ranked = sorted(range(len(parts)), key=lambda i: weights.sum(words[i] & asked), reverse=True)
    ctx.log(f"The passage has {len(parts)} parts; the {MAX_PARTS} that speak most of the question are read.")
    return [parts[i] for i in sorted(ranked[:MAX_PARTS])]
