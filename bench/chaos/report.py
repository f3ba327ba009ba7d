"""The report of a run: as JSON for programs, as a table for people."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.chaos import times
from bench.chaos.evidence import Evidence
from bench.chaos.verdict import Verdict, texts_of

MAX_NAMED = 5
WIDTH = 44


def make_report(evidence: Evidence, verdict: Verdict, **facts: object) -> dict[str, Any]:
    statuses = Counter(row.status + (f" ({row.error_code})" if row.error_code else "") for row in evidence.rows)
    attempts = Counter(claim.attempt for claim in evidence.claims)
    return {
        **facts,
        "seconds": round(evidence.seconds, 1),
        "jobs": len(evidence.orders),
        "accepted": sum(bool(order.ids) for order in evidence.orders),
        "followed": sum(order.heard is not None for order in evidence.orders),
        "statuses": dict(sorted(statuses.items())),
        "claims": {f"attempt {attempt}": count for attempt, count in sorted(attempts.items())},
        "faults": dict(sorted(Counter(fault.kind for fault in evidence.faults).items())),
        **{name: len(found) for name, found in verdict.bad.items()},
        "recovery_seconds": spread(times.recoveries(evidence)),
        "handover_seconds": spread(times.recoveries(evidence, "worker_terminated")),
        "cancel_seconds": spread(times.cancels(evidence)),
        "cancel_seconds_undisturbed": spread(times.cancels(evidence, undisturbed=True)),
        "start_seconds_without_ring": spread(times.unrung_starts(evidence)),
        "answer_seconds": spread(evidence.accept_seconds),
        "answers": dict(sorted(evidence.answers.items())),
        "bad": {name: texts_of(found) for name, found in verdict.bad.items() if found},
        "kept": verdict.kept,
    }


def spread(seconds: Sequence[float]) -> dict[str, float | int | None]:
    found = {f"p{share}": times.percentile(seconds, share) for share in (50, 95)} | {"max": max(seconds, default=None)}
    return {
        "count": len(seconds),
        **{name: None if value is None else round(value, 3) for name, value in found.items()},
    }


def draw(report: dict[str, Any], verdict: Verdict) -> str:
    lines = []
    for name, value in report.items():
        if name in ("bad", "answers", "kept"):
            continue
        if isinstance(value, dict) and "p95" in value:
            lines.append(line(name, "  ".join(f"{key} {'-' if part is None else part}" for key, part in value.items())))
        elif isinstance(value, dict):
            lines += [line(f"{name}: {key}", part) for key, part in value.items()]
        else:
            lines.append(line(name, f"{value}{'  <-- must be 0' if value and name in verdict.bad else ''}"))
    lines.append("")
    lines.append("The promise was kept." if verdict.kept else "THE PROMISE WAS BROKEN:")
    for name, texts in report["bad"].items():
        lines += [f"  {name}: {text}" for text in texts[:MAX_NAMED]]
    return "\n".join(lines)


def line(name: str, value: object) -> str:
    return f"{name.replace('_', ' '):{WIDTH}} {value}"


def tell_story(job: str, evidence: Evidence) -> str:
    """Return all that is known of one job, in the order of time."""
    row = next((row for row in evidence.rows if row.id == job), None)
    order = next((order for order in evidence.orders if job in order.ids), None)
    entries = [
        (claim.at, f"claimed by {claim.worker}, attempt {claim.attempt}")
        for claim in evidence.claims
        if claim.job == job
    ]
    entries += [(end.at, f"{end.status}, attempt {end.attempt}") for end in evidence.ends if end.job == job]
    workers = {claim.worker for claim in evidence.claims if claim.job == job}
    entries += [(fault.at, f"{fault.kind} {fault.worker}") for fault in evidence.faults if fault.worker in workers]
    if order is not None:
        entries += [(order.accepted_at, "accepted")] if order.accepted_at else []
        entries += [(order.canceled_at, "the request to cancel was answered")] if order.canceled_at else []
    lines = [f"job {job}", f"  row: {row}", f"  order: {order}"]
    return "\n".join([*lines, *(f"  {at:.3f} {what}" for at, what in sorted(entries))])
