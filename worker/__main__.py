"""`python -m worker`: one process, one shared model, many jobs."""

import argparse
import warnings

from celery.exceptions import SecurityWarning

from gptstore.celery import app
from gptstore.env import Environment


def main() -> None:
    env = Environment()
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Run jobs with the shared model. All else is set by GPTSTORE_* variables: see docs/settings.md.",
    )
    parser.parse_args()
    # Celery warns root because of pickled messages; this worker takes JSON only.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    options = [f"--loglevel={env.log_level}", "--pool=threads", f"--concurrency={env.worker_concurrency}"]
    options += ["--prefetch-multiplier=1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    app.worker_main(["worker", *options])


if __name__ == "__main__":
    main()
