"""Measures how long a worker receives no messages after its Redis connections broke: `python -m bench.chaos.hearing`.

One worker, no jobs, one way at a time. Times run from the moment when Redis can be reached again until the worker takes
a message; messages are sent all the time. Prints seconds, sorted.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from celery import Celery

from bench.chaos.plan import Plan
from bench.chaos.store import Store, open_store
from harness.waiting import wait_until

RING_SECONDS = 0.1
MAX_SECONDS = 120.0
TASK = "worker.tasks.run_next_job"
HEARD = f"Task {TASK}"


def restart(store: Store) -> None:
    """Kill Redis, and start another one, empty, at its address a moment later."""
    store.redis.kill()
    store.redis.start()


def stop_for_ten_seconds(store: Store) -> None:
    store.redis.kill()
    time.sleep(10)
    store.redis.start()


def stop_for_a_minute(store: Store) -> None:
    store.redis.kill()
    time.sleep(60)
    store.redis.start()


def freeze_for_ten_seconds(store: Store) -> None:
    """Freeze Redis: it takes connections and requests, but answers none."""
    store.redis.freeze()
    time.sleep(10)
    store.redis.thaw()


def demote_for_ten_seconds(store: Store) -> None:
    """Demote Redis as in a failover: it becomes a read-only replica of another, and open connections stay."""
    store.redis.client.replicaof("127.0.0.1", "1")
    time.sleep(10)
    store.redis.client.replicaof("NO", "ONE")


def reset(store: Store) -> None:
    store.worker_proxy.reset()


def half_open(store: Store) -> None:
    store.worker_proxy.deafen()


WAYS: dict[str, Callable[[Store], None]] = {
    "Redis restarted": restart,
    "Redis stopped for 10 s": stop_for_ten_seconds,
    "Redis stopped for 60 s": stop_for_a_minute,
    "Redis frozen for 10 s": freeze_for_ten_seconds,
    "Redis demoted for 10 s": demote_for_ten_seconds,
    "connections reset": reset,
    "connections half-open": half_open,
}


class Bell:
    """Sends workers messages without a proxy in between."""

    def __init__(self, socket: str) -> None:
        options = {"socket_timeout": 1, "max_retries": 0}
        self.app = Celery("bell", broker=f"redis+socket://{socket}", broker_transport_options=options)
        self.app.conf.task_default_queue = "gptstore"

    def ring(self) -> None:
        self.app.send_task(TASK, retry=False, ignore_result=True)


def time_deafness(store: Store, bell: Bell, way: Callable[[Store], None]) -> float:
    """Break connections, and return the seconds until a message arrives. Raises AssertionError after MAX_SECONDS."""
    wait_until_heard(store, bell)
    way(store)
    return wait_until_heard(store, bell)


def wait_until_heard(store: Store, bell: Bell) -> float:
    def ring(seconds: float) -> None:
        bell.ring()
        time.sleep(seconds)

    begun, before = time.monotonic(), count_heard(store)
    wait_until(lambda: count_heard(store) != before, "the worker to hear", MAX_SECONDS, every=RING_SECONDS, pause=ring)
    return time.monotonic() - begun


def count_heard(store: Store) -> int:
    """Count the messages that the worker, and those before it, took."""
    texts = [log.read_text(errors="replace") for log in store.fleet.folder.glob("worker-*.log")]
    return sum(HEARD in line and "received" in line for text in texts for line in text.splitlines())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos.hearing", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=WAYS, metavar="WAY", help=" / ".join(WAYS))
    options = parser.parse_args()
    repeats, chosen = options.repeats, [options.only] if options.only else WAYS
    plan = Plan(jobs=0, seconds=0, workers=1, owners=1)
    with (
        tempfile.TemporaryDirectory(prefix="gptstore-chaos-") as folder,
        open_store(plan, "sqlite", Path(folder)) as store,
    ):
        bell = Bell(str(store.redis.socket))
        for name in chosen:
            before = len(store.fleet.surprises)
            seconds = sorted(time_deafness(store, bell, WAYS[name]) for _ in range(repeats))
            ended = len(store.fleet.surprises) - before
            restarts = f"  the worker ended {ended} times, and was started again" if ended else ""
            print(f"{name:24}", *(f"{found:6.2f}" for found in seconds), restarts, flush=True)


if __name__ == "__main__":
    main()
