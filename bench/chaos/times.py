"""Durations: of a lost job's recovery, of a cancel, and of the wait for a message that was never sent."""

from collections import defaultdict
from collections.abc import Sequence

from bench.chaos.evidence import Claim, End, Evidence


def recoveries(evidence: Evidence, kind: str = "worker_killed") -> list[float]:
    """Return, for each job of a worker that was hit, the seconds from then to its next claim, or its end elsewhere."""
    hit = {fault.worker: fault.at for fault in evidence.faults if fault.kind == kind}
    next_of = following(evidence)
    seconds = []
    for claim in evidence.claims:
        at, after = hit.get(claim.worker), next_of[claim.job, claim.attempt]
        if at is not None and after is not None and after.at > at and not is_own_end(claim, after):
            seconds.append(after.at - max(at, claim.at))
    return seconds


def following(evidence: Evidence) -> dict[tuple[str, int], Claim | End | None]:
    """Return the claim or end that came next after each claim of a job."""
    stories: dict[str, list[Claim | End]] = defaultdict(list)
    for entry in [*evidence.claims, *evidence.ends]:
        stories[entry.job].append(entry)
    following: dict[tuple[str, int], Claim | End | None] = {}
    for job, entries in stories.items():
        entries.sort(key=lambda entry: entry.at)
        for entry, after in zip(entries, [*entries[1:], None], strict=True):
            if isinstance(entry, Claim):
                following[job, entry.attempt] = after
    return following


def is_own_end(claim: Claim, after: Claim | End) -> bool:
    """Return whether the end is the worker's own, which came through while it went down."""
    return isinstance(after, End) and after.attempt == claim.attempt and after.status == "succeeded"


def cancels(evidence: Evidence, *, undisturbed: bool = False) -> list[float]:
    """Return seconds from the answer to a cancel request until the job's end. undisturbed: its worker lived on."""
    ends = {end.job: end.at for end in reversed(evidence.ends) if end.status == "canceled"}
    workers = {claim.job: claim.worker for claim in evidence.claims}
    hit = {fault.worker for fault in evidence.faults if fault.worker}
    return [
        max(0.0, ends[job] - order.canceled_at)
        for order in evidence.orders
        for job in order.ids
        if order.canceled_at is not None and job in ends and not (undisturbed and workers.get(job) in hit)
    ]


def unrung_starts(evidence: Evidence) -> list[float]:
    """Return seconds until the claim, or end, of jobs whose web was killed before it could send the message."""
    seconds = []
    for fault in evidence.faults:
        times = [entry.at for entry in [*evidence.claims, *evidence.ends] if fault.job and entry.job == fault.job]
        if times:
            seconds.append(max(0.0, min(times) - fault.at))
    return seconds


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that so many percent of all do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, -int(-len(values) * share // 100) - 1)]
