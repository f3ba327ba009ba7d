"""One run: traffic and faults at the same time, then quiet until all has ended, then the evidence."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from bench.chaos.evidence import Evidence, Fault
from bench.chaos.faults import Faults, Stopped
from bench.chaos.orders import make_orders
from bench.chaos.plan import Plan
from bench.chaos.schedule import schedule
from bench.chaos.store import Store
from bench.chaos.traffic import Traffic

STUCK_SECONDS = 60.0
LOST_SECONDS = 120.0
READER_SECONDS = 30.0
AT_ONCE = 64


async def run(store: Store, plan: Plan) -> Evidence:
    begun = time.monotonic()
    traffic = Traffic(store, plan, make_orders(plan, sorted(store.keys)))
    faults = Faults(store, plan, traffic.order_now)
    try:
        _, done = await asyncio.gather(traffic.run(), asyncio.to_thread(do_all, faults, plan))
        await traffic.place_rest()
        stuck = await traffic.wait_for_ends(STUCK_SECONDS)
        await traffic.wait_for_ends(LOST_SECONDS)
        await traffic.settle("follow", "cancel", seconds=READER_SECONDS)
    finally:
        faults.stopping.set()
        await traffic.stop()
    return Evidence(
        orders=traffic.orders,
        rows=store.witness.rows(),
        claims=store.witness.claims(),
        ends=store.witness.ends(),
        faults=done,
        stuck=stuck,
        surprises=[*traffic.surprises, *store.fleet.surprises],
        answers=traffic.answers,
        accept_seconds=traffic.accept_seconds,
        seconds=time.monotonic() - begun,
    )


def do_all(faults: Faults, plan: Plan) -> list[Fault]:
    """Begin each fault at its time, also while others last. Returns those that were done."""
    begun, doing = time.monotonic(), []
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for at, kind in schedule(plan):
            if faults.stopping.wait(max(0.0, begun + at - time.monotonic())):
                break
            doing.append(threads.submit(faults.do, kind))
    try:
        return sorted((one.result() for one in doing), key=lambda fault: fault.at)
    except Stopped:
        return []
