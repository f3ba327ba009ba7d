"""The faults of a store. Each function does one, and returns what it hit when it is over."""

import random
import time
from collections.abc import Callable
from threading import Event

from bench.chaos.database import AWAY
from bench.chaos.evidence import Fault
from bench.chaos.fleet import Member
from bench.chaos.plan import Plan
from bench.chaos.store import Store
from harness.waiting import wait_until

READY_SECONDS = 180.0
LOOK_SECONDS = 0.02
SHORT_SECONDS = (0.2, 1.5)
FROZEN_SECONDS = 6.0
FROZEN_WORKER_SECONDS = 25.0
TAKEN_SECONDS = (0.0, 1.0)
SLOW_SECONDS = 10.0
LATENCY_SECONDS = 0.15


class Stopped(Exception):
    """Raised in the middle of a fault when the run is stopped early."""


class Faults:
    """Injects faults into a store. order_now: makes a client send a new order."""

    def __init__(self, store: Store, plan: Plan, order_now: Callable[[], None]) -> None:
        self.store = store
        self.plan = plan
        self.order_now = order_now
        self.chance = random.Random(f"harm {plan.seed}")
        self.stopping = Event()

    def do(self, kind: str) -> Fault:
        """Inject a fault of this kind. Raises Stopped."""
        return KINDS[kind](self)

    def wait(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise Stopped

    def wait_until(self, reached: Callable[[], object], what: str) -> None:
        wait_until(reached, what, READY_SECONDS, every=LOOK_SECONDS, pause=self.wait)

    def victim(self) -> Member:
        """Choose a worker that receives messages, when there is another one; if possible, one that runs jobs."""
        self.wait_until(lambda: len(self.store.fleet.ready_workers()) > 1, "two ready workers")
        ready = self.store.fleet.ready_workers()
        return self.chance.choice([worker for worker in ready if self.running_jobs(worker)] or ready)

    def running_jobs(self, worker: Member) -> int:
        """Return the number of jobs that the database believes it to run; 0 while the database is away."""
        try:
            return self.store.witness.running_jobs(worker.name)
        except AWAY:
            return 0


def kill_worker(faults: Faults) -> Fault:
    with faults.store.worker_lock:
        victim = faults.victim()
        return Fault("worker_killed", victim.kill(), worker=victim.name)


def terminate_worker(faults: Faults) -> Fault:
    with faults.store.worker_lock:
        victim = faults.victim()
        return Fault("worker_terminated", victim.terminate(), worker=victim.name)


def freeze_worker(faults: Faults) -> Fault:
    """Freeze a worker until its jobs become another's. It goes on with them, and does not know yet."""
    with faults.store.worker_lock:
        victim = faults.victim()
        at = victim.freeze()
    try:
        latest = at + FROZEN_WORKER_SECONDS
        while faults.running_jobs(victim) and time.time() < latest:
            faults.wait(LOOK_SECONDS)
        faults.wait(faults.chance.uniform(*TAKEN_SECONDS))
    finally:
        victim.thaw()
    return Fault("worker_frozen", at, time.time() - at, worker=victim.name)


def kill_redis(faults: Faults) -> Fault:
    return keep_redis_away(faults, "redis_killed", faults.chance.uniform(*SHORT_SECONDS))


def stop_redis(faults: Faults) -> Fault:
    return keep_redis_away(faults, "redis_stopped", faults.plan.redis_away)


def keep_redis_away(faults: Faults, kind: str, seconds: float) -> Fault:
    """Kill Redis, and start it again without its data after `seconds`."""
    with faults.store.redis_lock:
        at = time.time()
        faults.store.redis.kill()
        try:
            faults.wait(seconds)
        finally:
            faults.store.redis.start()
        return Fault(kind, at, time.time() - at)


def flush_redis(faults: Faults) -> Fault:
    with faults.store.redis_lock:
        at = time.time()
        faults.store.redis.client.flushall()
        return Fault("redis_flushed", at)


def freeze_redis(faults: Faults) -> Fault:
    """Freeze Redis: it takes connections and requests, but answers none."""
    with faults.store.redis_lock:
        at = time.time()
        faults.store.redis.freeze()
        try:
            faults.wait(FROZEN_SECONDS)
        finally:
            faults.store.redis.thaw()
        return Fault("redis_frozen", at, time.time() - at)


def slow_redis(faults: Faults) -> Fault:
    at = time.time()
    proxies = (faults.store.web_proxy, faults.store.worker_proxy)
    for proxy in proxies:
        proxy.latency = LATENCY_SECONDS
    try:
        faults.wait(SLOW_SECONDS)
    finally:
        for proxy in proxies:
            proxy.latency = 0.0
    return Fault("redis_slow", at, time.time() - at)


def reset_connections(faults: Faults) -> Fault:
    at = time.time()
    faults.store.web_proxy.reset()
    faults.store.worker_proxy.reset()
    return Fault("connections_reset", at)


def half_open_connections(faults: Faults) -> Fault:
    at = time.time()
    faults.store.web_proxy.deafen()
    faults.store.worker_proxy.deafen()
    return Fault("connections_half_open", at)


def restart_postgres(faults: Faults) -> Fault:
    """Stop PostgreSQL at once and start it again: open connections are cut off, and it recovers as after a crash."""
    postgres = faults.store.postgres
    assert postgres is not None, "postgres_restarted is planned, but the store is on another database"
    with faults.store.postgres_lock:
        at = time.time()
        postgres.stop()
        try:
            faults.wait(faults.chance.uniform(*SHORT_SECONDS))
        finally:
            postgres.start()
        return Fault("postgres_restarted", at, time.time() - at)


def kill_web(faults: Faults) -> Fault:
    with faults.store.web_lock:
        at = faults.store.fleet.web.kill()
        faults.wait_until(faults.store.fleet.web_answers, "the web to answer")
        return Fault("web_killed", at, time.time() - at)


def kill_web_before_ring(faults: Faults) -> Fault:
    """Kill the web when it has written a job's row and before a message can have reached a worker.

    None of its bytes reach Redis, so that it waits at the doorbell; once the row is there, it is killed, and the held
    bytes are lost with its connections.
    """
    store = faults.store
    with store.web_lock, store.redis_lock, store.postgres_lock:
        store.web_proxy.hold()
        try:
            newest = store.witness.newest()
            faults.order_now()
            faults.wait_until(lambda: store.witness.newest() > newest, "the row of a job")
            job, at = store.witness.newest(), store.fleet.web.kill()
        finally:
            store.web_proxy.let_go()
        faults.wait_until(store.fleet.web_answers, "the web to answer")
        return Fault("web_killed_before_ring", at, time.time() - at, job=job)


KINDS: dict[str, Callable[[Faults], Fault]] = {
    "worker_killed": kill_worker,
    "worker_terminated": terminate_worker,
    "worker_frozen": freeze_worker,
    "redis_killed": kill_redis,
    "redis_stopped": stop_redis,
    "redis_flushed": flush_redis,
    "redis_frozen": freeze_redis,
    "redis_slow": slow_redis,
    "connections_reset": reset_connections,
    "connections_half_open": half_open_connections,
    "postgres_restarted": restart_postgres,
    "web_killed": kill_web,
    "web_killed_before_ring": kill_web_before_ring,
}
