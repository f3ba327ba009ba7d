from typing import Any

from django.core.management.base import BaseCommand

from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.jobs.models import ENDED_UNCOUNTED, Job
from gptstore.jobs.run_counts import keep_run_counts

SECONDS = 2.0


class Command(BaseCommand):
    help = "Bring the numbers of runs and of tools up to date at once, as workers do little by little."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = Job.objects.filter(ENDED_UNCOUNTED)
        before, left = ended.count(), -1
        while left:
            keep_run_counts(SECONDS)
            last, left = left, ended.count()
            if left == last:
                break  # others count these, or change their tools
            self.stdout.write(f"{max(0, before - left):,} of {before:,} runs are counted.")
        keep_tool_counts()
