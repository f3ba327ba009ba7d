"""How long runs took lately."""

from collections.abc import Iterable
from datetime import timedelta
from statistics import fmean

from django.db.models.functions import Now

from gptstore.jobs.models import Job

LATELY = timedelta(days=1)
MAX_RUNS = 30


def recent_seconds(tools: Iterable[int]) -> dict[int, float]:
    """The mean of the last runs of each tool (ids). Tools that did not run lately are left out."""
    means = {tool: mean_seconds(tool) for tool in tools}
    return {tool: mean for tool, mean in means.items() if mean is not None}


def mean_seconds(tool: int) -> float | None:
    ended = Job.objects.filter(tool=tool, completed_at__gt=Now() - LATELY).order_by("-completed_at")
    times = ended.values_list("started_at", "completed_at")[:MAX_RUNS]
    seconds = [(end - start).total_seconds() for start, end in times if start and end]
    return fmean(seconds) if seconds else None
