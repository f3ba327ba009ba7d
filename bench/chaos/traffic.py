"""People who run tools over HTTP, follow some runs, cancel some, and retry until they are answered."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import httpx

from bench.chaos.database import AWAY
from bench.chaos.evidence import Order
from bench.chaos.plan import Plan
from bench.chaos.reader import Reader
from bench.chaos.store import Store

AGAIN_SECONDS = 0.5
LOOK_SECONDS = 0.25
LATEST_CANCEL_SECONDS = 2.5
NO_ROOM_SECONDS = 120.0
PATIENCE_SECONDS = 240.0
TIMEOUT = httpx.Timeout(15, read=25)
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)


class Traffic:
    """The traffic of a run. answers: counts by request and answer. waiting: the jobs that have not ended, by id.

    reserve: orders that are kept back for faults that need one at their moment. going: the number under way.
    """

    def __init__(self, store: Store, plan: Plan, orders: list[Order]) -> None:
        self.store = store
        self.plan = plan
        self.orders = orders
        self.reserve = orders[len(orders) - plan.faults.get("web_killed_before_ring", 0) :]
        self.answers: Counter[str] = Counter()
        self.accept_seconds: list[float] = []
        self.surprises: list[str] = []
        self.chance = random.Random(f"traffic {plan.seed}")
        self.room = asyncio.Condition()
        self.going = 0
        self.waiting: dict[str, Order] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Place the orders; returns when every order but the reserve was accepted; readers go on."""
        self.client = httpx.AsyncClient(base_url=self.store.url, timeout=TIMEOUT, limits=LIMITS)
        self.loop = asyncio.get_running_loop()
        self.begin(self.watch())
        begun = time.monotonic()
        for order in self.orders[: len(self.orders) - len(self.reserve)]:
            await asyncio.sleep(begun + order.number * self.plan.seconds / len(self.orders) - time.monotonic())
            if not await self.has_room():
                self.surprises.append(f"no job ended for {NO_ROOM_SECONDS:.0f} s; the other orders were not placed")
                break
            self.going += 1
            self.begin(self.place(order))
        await self.settle("place")

    async def has_room(self) -> bool:
        """Wait for room, but not forever; return whether there is some."""
        with suppress(TimeoutError):
            async with asyncio.timeout(NO_ROOM_SECONDS), self.room:
                await self.room.wait_for(lambda: self.going < self.plan.in_flight)
        return self.going < self.plan.in_flight

    def order_now(self) -> None:
        """Place an order of the reserve. For other threads."""
        self.loop.call_soon_threadsafe(self.place_next)

    def place_next(self) -> None:
        self.going += 1
        self.begin(self.place(self.reserve.pop()))

    async def place_rest(self) -> None:
        """Place the orders of the reserve that no fault needed. Returns when all were accepted."""
        while self.reserve:
            self.place_next()
        await self.settle("place")

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def place(self, order: Order) -> None:
        cancels = self.chance.random() < self.plan.canceled
        patience = self.chance.uniform(0, LATEST_CANCEL_SECONDS)
        if self.chance.random() < self.plan.doubled:
            await asyncio.gather(self.submit(order), self.submit(order))
        else:
            await self.submit(order)
        if not order.ids:
            return
        job = min(order.ids)
        self.waiting[job] = order
        if order.follows:
            self.begin(self.follow(order, job))
        if cancels:
            self.begin(self.cancel(order, job, patience))

    async def submit(self, order: Order) -> None:
        headers = {"Idempotency-Key": order.key}
        answer = await self.insist(order, "/api/v1/tools/recital/jobs", {"input": order.input}, headers)
        if answer is not None:
            order.ids.add(answer.json()["id"])
            order.accepted_at = order.accepted_at or time.time()

    async def cancel(self, order: Order, job: str, patience: float) -> None:
        await asyncio.sleep(patience)
        order.cancel_asked = True
        if await self.insist(order, f"/api/v1/jobs/{job}/cancel", None, {}) is not None:
            order.canceled_at = time.time()

    async def insist(self, order: Order, address: str, body: Any, headers: dict[str, str]) -> httpx.Response | None:
        """Send a request until it succeeds; return None when it did not for minutes."""
        what = address.rsplit("/", 1)[-1]
        headers = {**headers, **self.authorization(order)}
        latest = time.monotonic() + PATIENCE_SECONDS
        while (begun := time.monotonic()) < latest:
            try:
                answer = await self.client.post(address, json=body, headers=headers)
            except httpx.HTTPError as error:
                self.answers[f"{what}: {type(error).__name__}"] += 1
            else:
                self.answers[f"{what}: {answer.status_code}"] += 1
                if answer.is_success:
                    self.accept_seconds.append(time.monotonic() - begun)
                    return answer
                self.check_answer(what, answer)
            await asyncio.sleep(AGAIN_SECONDS)
        self.surprises.append(f"a client gave up sending {what} (key {order.key} of {order.owner})")
        return None

    async def follow(self, order: Order, job: str) -> None:
        reader = Reader(job, restless=self.chance if self.chance.random() < self.plan.restless else None)
        while not reader.ended:
            try:
                status = await reader.read_on(self.client, self.authorization(order))
                self.answers[f"events: {status}"] += 1
                if status not in (200, 503):
                    self.surprises.append(f"job {job}: its events were answered with {status}")
            except httpx.HTTPError as error:
                self.answers[f"events: {type(error).__name__}"] += 1
            if not reader.ended:
                await asyncio.sleep(AGAIN_SECONDS)
        order.heard, order.trail = reader.text, reader.trail

    def check_answer(self, what: str, answer: httpx.Response) -> None:
        """Note any answer but 503: a store in trouble gives no other."""
        if answer.status_code != 503:
            self.surprises.append(f"{what} was answered with {answer.status_code}: {answer.text[:200]}")

    def authorization(self, order: Order) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.store.keys[order.owner]}"}

    async def watch(self) -> None:
        """Make room for new orders as jobs end."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                ended = await asyncio.to_thread(self.store.witness.ended)
            except AWAY:
                continue
            async with self.room:
                for job in ended & self.waiting.keys():
                    del self.waiting[job]
                    self.going -= 1
                self.room.notify_all()

    async def wait_for_ends(self, seconds: float) -> list[str]:
        """Wait for jobs to end; return the ids of those that have not ended after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.room:
                await self.room.wait_for(lambda: not self.waiting)
        return sorted(self.waiting)

    async def settle(self, *kinds: str, seconds: float | None = None) -> None:
        """Wait for tasks of these methods."""
        found = [task for task in self.tasks if getattr(task.get_coro(), "__name__", "") in kinds]
        if found:
            await asyncio.wait(found, timeout=seconds)

    async def stop(self) -> None:
        for task in [*self.tasks]:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.client.aclose()
