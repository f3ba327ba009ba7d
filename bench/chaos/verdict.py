"""Judges the evidence: lists each broken promise. Nothing but arithmetic."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from bench.chaos.evidence import FINAL, Evidence, Order, Row

MAX_ATTEMPTS = 3
TIMER = 0.95  # of two clocks that are not quite the same
Bad = Iterator[tuple[str, str]]


@dataclass
class Verdict:
    """The verdict. bad: for each thing that must not be, (job id, what is wrong with it)."""

    bad: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        return not any(self.bad.values())


def judge(evidence: Evidence) -> Verdict:
    return Verdict({name: [*find(evidence)] for name, find in MUST_NOT_BE.items()})


def lost(evidence: Evidence) -> Bad:
    """Find accepted jobs without a row, or without an end."""
    rows = {row.id: row for row in evidence.rows}
    for order in evidence.orders:
        for job in sorted(order.ids):
            if job not in rows:
                yield job, "was accepted, but has no row"
            elif rows[job].status not in FINAL:
                yield job, f"is still {rows[job].status}"


def stuck(evidence: Evidence) -> Bad:
    for job in evidence.stuck:
        yield job, "had not ended a minute after the last fault"


def double_finished(evidence: Evidence) -> Bad:
    """Find jobs that ended twice, or were changed after their end."""
    for job, count in Counter(end.job for end in evidence.ends).items():
        if count > 1:
            yield job, f"ended or was changed after its end {count} times"


def double_claimed(evidence: Evidence) -> Bad:
    for (job, attempt), count in Counter((claim.job, claim.attempt) for claim in evidence.claims).items():
        if count > 1:
            yield job, f"attempt {attempt} was claimed {count} times"


def duplicates(evidence: Evidence) -> Bad:
    """Find a second job for one key, and jobs that nobody asked for."""
    known = {job for order in evidence.orders for job in order.ids}
    for order in evidence.orders:
        for job in sorted(order.ids)[1:]:
            yield job, f"is another job for key {order.key} of {order.owner}"
    for row in evidence.rows:
        if row.id not in known:
            yield row.id, f"is there, but its client (key {row.key} of {row.owner}) was told of another job or none"


def text_mismatch(evidence: Evidence) -> Bad:
    for order, row in pairs(evidence):
        if row.input != order.input:
            yield row.id, f"was asked for with {order.input} and is stored with {row.input}"
        elif row.status == "succeeded" and row.output != order.text:
            yield row.id, f"succeeded with {describe(row.output)} instead of {describe(order.text)}"
        elif not order.text.startswith(row.output):
            yield row.id, f"{row.status} with {describe(row.output)}, not the beginning of {describe(order.text)}"
        if order.heard is not None and order.heard != row.output:
            yield row.id, f"a reader heard {describe(order.heard)}, and {describe(row.output)} is stored"


def unheard(evidence: Evidence) -> Bad:
    """Find readers that `finished` never reached."""
    for order, row in pairs(evidence):
        if order.follows and order.heard is None and row.status in FINAL:
            yield row.id, "its reader was never told `finished`"


def double_usage(evidence: Evidence) -> Bad:
    for order, row in pairs(evidence):
        tokens = row.completion_tokens
        if tokens > order.words or (row.status == "succeeded" and tokens != order.words):
            yield row.id, f"{row.status} with {tokens} tokens for {order.words} words"


def untruthful(evidence: Evidence) -> Bad:
    """Find statuses that do not match the events."""
    claims = Counter(claim.job for claim in evidence.claims)
    for order, row in pairs(evidence):
        if row.status == "canceled" and not order.cancel_asked:
            yield row.id, "was canceled by nobody"
        if row.status == "failed" and row.error_code != "worker_lost":
            yield row.id, f"failed with {row.error_code!r}, and nothing of that kind happened"
        if row.status == "failed" and claims[row.id] < MAX_ATTEMPTS:
            yield row.id, f"failed with {row.error_code!r} after {claims[row.id]} attempts"
        if row.status == "succeeded" and not claims[row.id]:
            yield row.id, "succeeded, and was never claimed"


def too_soon(evidence: Evidence) -> Bad:
    """Find jobs that succeeded sooner after their last claim than their tool takes: an earlier attempt's end."""
    claimed = {(claim.job, claim.attempt): claim.at for claim in evidence.claims}
    needed = {job: order.seconds for order in evidence.orders for job in order.ids}
    for end in evidence.ends:
        begun = claimed.get((end.job, end.attempt))
        if end.status == "succeeded" and begun is not None and end.at - begun < TIMER * needed.get(end.job, 0):
            yield end.job, f"attempt {end.attempt} took {end.at - begun:.2f} s, its tool {needed[end.job]:.2f} s"


def surprises(evidence: Evidence) -> Bad:
    for what in evidence.surprises:
        yield "", what


MUST_NOT_BE: dict[str, Callable[[Evidence], Bad]] = {
    "lost": lost,
    "stuck": stuck,
    "double_finished": double_finished,
    "double_claimed": double_claimed,
    "duplicates": duplicates,
    "text_mismatch": text_mismatch,
    "double_usage": double_usage,
    "unheard": unheard,
    "untruthful": untruthful,
    "too_soon": too_soon,
    "surprises": surprises,
}


def pairs(evidence: Evidence) -> Iterator[tuple[Order, Row]]:
    rows = defaultdict(list)
    for row in evidence.rows:
        rows[row.owner, row.key].append(row)
    for order in evidence.orders:
        for row in rows[order.owner, order.key]:
            yield order, row


def describe(text: str) -> str:
    return f"{len(text)} characters ({text[-12:]!r} at the end)"


def texts_of(found: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{job}: {what}" if job else what for job, what in found]
