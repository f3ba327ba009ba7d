"""How much the deployed releases are used, by the newest jobs."""

from collections import Counter

from gptstore.jobs.models import Job

SAMPLE = 1000
"""How many jobs are looked at: they are found by their IDs, which grow with time, however many there are."""


def most_used_releases() -> list[str]:
    """Return the keys of the releases of the newest jobs, the most used one first."""
    newest = Job.objects.order_by("-id").values_list("release", flat=True)[:SAMPLE]
    return [key for key, _count in Counter(filter(None, newest)).most_common()]
