"""The orders that people will place: the same ones for the same seed."""

import random
from collections.abc import Sequence

from bench.chaos.evidence import Order
from bench.chaos.plan import Plan

SECONDS = (0.3, 3.0)
WORDS = (5, 40)


def make_orders(plan: Plan, owners: Sequence[str]) -> list[Order]:
    """Make the orders. Owners take turns; each numbers their keys from 0, so that two owners use the same ones."""
    chance = random.Random(f"orders {plan.seed}")
    return [make_order(plan, owners, number, chance) for number in range(plan.jobs)]


def make_order(plan: Plan, owners: Sequence[str], number: int, chance: random.Random) -> Order:
    words = chance.randint(*WORDS)
    pause_ms = round(chance.uniform(*SECONDS) / words * 1000)
    owner, key = owners[number % len(owners)], f"order-{number // len(owners)}"
    return Order(number, owner, key, number, words, pause_ms, follows=chance.random() < plan.followed)
