"""`python -m worker`: one process, one shared model, many jobs."""

import argparse
import sys
import warnings
from collections.abc import Callable

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import worker_shutdown
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Run jobs with the shared model. All else is set by GPTSTORE_* variables: "
        "see /docs/settings/ on the site.",
    )
    parser.parse_args()
    try:
        from gptstore.celery import app  # reads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"The worker cannot start: {error}")
    env = settings.ENV
    # Celery warns root because of pickled messages; this worker takes JSON only.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    options = [f"--loglevel={env.log_level}", "--pool=threads", f"--concurrency={env.worker_concurrency}"]
    options += ["--prefetch-multiplier=1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    sys.exit(run(app, options))


def run(app: Celery, options: list[str]) -> int:
    """Run the worker and return its exit status: a supervisor may look at it to decide whether to start it again."""
    statuses: list[int | None] = []  # Celery passes it to this signal alone
    worker_shutdown.connect(lambda sender, **_: statuses.append(sender.exitcode), weak=False)
    start: Callable[[list[str]], None] = app.start  # whose stub says that it never returns
    start(["worker", *options])
    from worker.process import tasks  # only Celery may import it first, when all is set up

    return int(any(statuses) or tasks.worker.broken)


if __name__ == "__main__":
    main()
