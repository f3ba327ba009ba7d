"""The comparison of a canary with the live release: runs of the same tools, over the same time.

Three questions, asked once, as soon as each side has `GPTSTORE_CANARY_RUNS` runs: a test that is repeated after each
run would sooner or later fail a good release by chance.

- Does it fail more often? And does it crash more often, which counts only what the sandbox stopped? Fisher's exact
  test, one-sided: the probability of as many failures among the canary's runs if both releases were the same, by the
  hypergeometric distribution (R. A. Fisher, The Design of Experiments, 1935, II). It is exact for few runs.
- Is it slower? The quantile test: the number of its runs that took longer than the live release's 95th percentile is
  binomial with 5 % if both are the same (W. J. Conover, Practical Nonparametric Statistics, 3.2). It also has to be
  slower by SLOWER, so that nobody is sent back for milliseconds.

A canary is sent back when such a result has a probability below ALPHA. Runs that ended by the store's own doing count
for neither side; those of pinned versions, among them the examples, are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb
from typing import Self

from django.conf import settings

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.models import Job, Status
from gptstore.releases import outcomes
from gptstore.releases.crashes import CRASHES
from gptstore.releases.models import Deployment

ALPHA = 0.01
SLOWER = 1.25
QUANTILE = 0.95
MAX_RUNS = 1000
"""The newest runs of each side that are compared."""

NOT_ITS_OWN = (ErrorCode.REFUSED, ErrorCode.OUT_OF_MEMORY, ErrorCode.ENGINE_ERROR, ErrorCode.INTERNAL_ERROR)
"""The ends that are the store's or the model's doing."""


@dataclass(frozen=True)
class Verdict:
    """Whether a canary passes; None: not decided yet. reason: why, in figures, or what it waits for."""

    passes: bool | None
    reason: str


@dataclass(frozen=True)
class Side:
    """The runs of one release: how many, how many failed and crashed of them, seconds of those that succeeded."""

    runs: int
    failures: int
    crashes: int
    seconds: Sequence[float]

    @classmethod
    def read(cls, slugs: Sequence[str], key: str, since: datetime) -> Self:
        """Read the runs of these tools that this release began and ended since then."""
        ended = Job.objects.filter(tool__slug__in=slugs, release=key, pinned=False, completed_at__gte=since)
        counted = ended.filter(status__in=[Status.SUCCEEDED, Status.FAILED], started_at__gte=since)
        rows = counted.exclude(error_code__in=NOT_ITS_OWN).order_by("-completed_at")
        found = list(rows.values_list("error_code", "started_at", "completed_at")[:MAX_RUNS])
        return cls(
            len(found),
            sum(code != "" for code, *_ in found),
            sum(code in CRASHES for code, *_ in found),
            sorted((end - start).total_seconds() for code, start, end in found if not code and start and end),
        )

    @property
    def p95(self) -> float | None:
        """Return the 95th percentile of the seconds, as the run at that rank; None without any."""
        return self.seconds[int(QUANTILE * (len(self.seconds) - 1))] if self.seconds else None

    def __str__(self) -> str:
        counts = {"runs": self.runs, "failures": self.failures, "crashes": self.crashes}
        if self.p95 is None:
            return outcomes.SIDE % counts
        return outcomes.TIMED_SIDE % {**counts, "p95": f"{self.p95:.1f}"}


def compare(deployment: Deployment, now: datetime, examples: Verdict) -> Verdict:
    """Return the verdict over a canary that has its share of runs. examples: that over its examples."""
    assert deployment.release and deployment.plugin.live and deployment.canary_since
    slugs, since = [tool["slug"] for tool in deployment.release.manifest["tools"]], deployment.canary_since
    new = Side.read(slugs, deployment.release.key, since)
    old = Side.read(slugs, deployment.plugin.live.key, since)
    figures = outcomes.FIGURES % {"canary": new, "live": old}
    least, longest = settings.ENV.canary_runs, timedelta(minutes=settings.ENV.canary_minutes)
    if min(new.runs, old.runs) >= least and examples.passes:
        reasons = find_worse(new, old)
        return Verdict(not reasons, " ".join([*reasons, figures]))
    missing = examples.reason if min(new.runs, old.runs) >= least else outcomes.TOO_FEW % {"runs": least}
    if now - since > longest:
        late = outcomes.TOO_LATE % {"minutes": settings.ENV.canary_minutes}
        return Verdict(False, f"{late} {missing} {figures}")
    return Verdict(None, f"{missing} {figures}")


def find_worse(new: Side, old: Side) -> list[str]:
    """Return in what the canary is worse than the live release."""
    found = []
    if fisher(new.crashes, new.runs, old.crashes, old.runs) < ALPHA:
        found.append(outcomes.CRASHES_MORE)
    elif fisher(new.failures, new.runs, old.failures, old.runs) < ALPHA:
        found.append(outcomes.FAILS_MORE)
    if is_slower(new, old):
        found.append(outcomes.SLOWER)
    return found


def is_slower(new: Side, old: Side) -> bool:
    if new.p95 is None or old.p95 is None or new.p95 <= SLOWER * old.p95:
        return False
    longer = sum(seconds > old.p95 for seconds in new.seconds)
    return binomial_tail(longer, len(new.seconds), 1 - QUANTILE) < ALPHA


def fisher(failures: int, runs: int, other_failures: int, other_runs: int) -> float:
    """Return the probability of so many failures or more among the first runs, given all failures."""
    total = failures + other_failures
    ways = sum(comb(runs, k) * comb(other_runs, total - k) for k in range(failures, min(runs, total) + 1))
    return ways / comb(runs + other_runs, total)


def binomial_tail(successes: int, tries: int, chance: float) -> float:
    """Return the probability of so many successes or more."""
    return sum(comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(successes, tries + 1))


def of_examples(deployment: Deployment) -> Verdict:
    """Return whether the examples of the canary's tools ended well; None while one goes on."""
    key = f"canary {deployment.pk} example "
    jobs = Job.objects.filter(owner=deployment.by, idempotency_key__startswith=key).select_related("tool")
    ended = [job for job in jobs if job.is_final]
    for job in ended:
        if job.status == Status.FAILED and job.error_code not in NOT_ITS_OWN:
            return Verdict(False, outcomes.EXAMPLE_FAILED % {"tool": job.tool.slug, "message": job.error_message})
    return Verdict(True, "") if len(ended) == len(jobs) else Verdict(None, outcomes.EXAMPLES_RUN)
