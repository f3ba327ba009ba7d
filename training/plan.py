"""The plan of a training: sizes, time, rates. One plan for a small machine, one for a GPU."""

from dataclasses import dataclass

from training.checkpoint import Progress
from training.model import Shape


@dataclass(frozen=True)
class Plan:
    """The plan. A training ends after `minutes` or `max_steps`, whichever is first.

    step_tokens: about how many tokens one step learns from; row_lengths: of the packed rows, in tokens.
    dropout: the share of what each layer adds that is set to zero in training.
    """

    minutes: float
    learning_rate: float
    step_tokens: int
    row_lengths: tuple[int, ...]
    dropout: float
    weight_decay: float
    max_steps: int | None = None
    betas: tuple[float, float] = (0.9, 0.95)
    checkpoint_seconds: float = 240.0
    report_seconds: float = 20.0

    def done(self, progress: Progress) -> float:
        """Return the share of the budget that is spent, 0 to 1."""
        share = progress.seconds / (self.minutes * 60) if self.minutes > 0 else 1.0
        if self.max_steps is not None:
            share = max(share, progress.steps / self.max_steps)
        return min(share, 1.0)


PRESETS: dict[str, tuple[Shape, Plan]] = {
    "cpu": (
        Shape(vocabulary=8192, width=256, inner=704, layers=6, heads=4),
        Plan(
            minutes=140,
            learning_rate=5e-3,
            step_tokens=6144,
            row_lengths=(128, 512, 1024),
            dropout=0.0,
            weight_decay=0.05,
        ),
    ),
    "gpu": (
        Shape(vocabulary=12288, width=384, inner=1024, layers=8, heads=6),
        Plan(
            minutes=19,
            learning_rate=4e-3,
            step_tokens=98_304,
            row_lengths=(256, 1024),
            dropout=0.1,
            weight_decay=0.1,
        ),
    ),
}
"""The plans by name. `cpu`: two cores with bf16 arithmetic in at most 150 minutes; `gpu`: one H100 in at most 20."""
