"""`python -m tests.e2e.make_jobs person-3 60 waiting`: makes runs, the newest of which waits, and prints their ids."""

import json
import sys

import django

django.setup()

from gptstore.accounts.models import User  # noqa: E402
from gptstore.catalog.models import Tool  # noqa: E402
from gptstore.jobs.models import Job, Status  # noqa: E402
from harness.rows import make_job  # noqa: E402

if __name__ == "__main__":
    owner, number = User.objects.get(username=sys.argv[1]), int(sys.argv[2])
    tools = [*Tool.objects.filter(slug__in=["qa", "summarizer"]).order_by("slug")]
    made: list[Job] = [make_job(owner, tools[n % 2], Status.SUCCEEDED) for n in range(number)]
    if sys.argv[3:] == ["waiting"]:
        made.append(make_job(owner, tools[0], Status.QUEUED, release="nobody-has@1"))  # no worker takes it
    print(json.dumps([str(job.id) for job in made]))
