"""The learning rate over the time budget: linear warm-up, then half a cosine down to a small rest."""

import math

WARM_UP = 0.03
FINAL = 0.02


def learning_rate_factor(progress: float) -> float:
    """Return the factor of the peak learning rate after `progress` (0 to 1) of the budget."""
    if progress < WARM_UP:
        return max(progress / WARM_UP, 0.01)
    decayed = min((progress - WARM_UP) / (1 - WARM_UP), 1.0)
    return FINAL + (1 - FINAL) * (1 + math.cos(math.pi * decayed)) / 2
