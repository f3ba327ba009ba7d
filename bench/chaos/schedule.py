"""The schedule of faults: shuffled, spread evenly with some jitter, and the same for the same seed."""

import random

from bench.chaos.plan import Plan

JITTER = 0.4


def schedule(plan: Plan) -> list[tuple[float, str]]:
    """Return (seconds from the beginning, kind of fault), in order."""
    chance = random.Random(f"faults {plan.seed}")
    kinds = [kind for kind, number in sorted(plan.faults.items()) for _ in range(number)]
    chance.shuffle(kinds)
    gap = plan.seconds / max(1, len(kinds))
    return [((place + 0.5 + chance.uniform(-JITTER, JITTER)) * gap, kind) for place, kind in enumerate(kinds)]
