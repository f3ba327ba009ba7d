"""A submit, a claim and a finish alone, by the store's own functions: `python -m bench.jobs.steps COUNT OWNER SLUG`.

It is a process of its own, because Django's settings are those of one store. Prints JSON: milliseconds of each call.
"""

import json
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

import django

Result = TypeVar("Result")


def main(count: int, owner: int, slug: str) -> None:
    django.setup()
    from gptstore.accounts.models import User
    from gptstore.catalog.models import Tool
    from gptstore.jobs.lifecycle import states
    from gptstore.jobs.lifecycle.outcome import Outcome
    from gptstore.jobs.lifecycle.submit import enqueue
    from gptstore.jobs.models import Status

    person, tool = User.objects.get(id=owner), Tool.objects.get(slug=slug)
    done = Outcome(Status.SUCCEEDED, "Done.")
    times: dict[str, list[float]] = {"submit": [], "claim": [], "finish": []}

    def timed(step: str, call: Callable[[], Result]) -> Result:
        begun_at = perf_counter()
        result = call()
        times[step].append(1000 * (perf_counter() - begun_at))
        return result

    for _ in range(count):
        timed("submit", lambda: enqueue(person, tool, {"text": "Nothing is to be done."}, None, batch=False))
        job: Any = timed("claim", lambda: states.claim_next("bench", [slug]))
        assert job is not None, "what was just submitted is not there to be claimed"
        assert timed("finish", lambda job=job: states.finish(job, done)), "the job was lost"
    print(json.dumps(times))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
