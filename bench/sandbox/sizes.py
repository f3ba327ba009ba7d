"""The sizes of the measurements."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The sizes. rounds: of everything that takes turns with a baseline.

    starts: runs of a round, for each host. cold: hosts that are started. held: children that live at the same time.
    good, bad: runs with and without harm; blocks: the good ones are run in so many parts, with and without the others.
    tokens: of an answer, of the bundled model and of the larger one; streams: answers at the same time.
    grown: runs among which leaks are looked for; looks: the number of counts.
    """

    rounds: int = 5
    starts: int = 100
    cold: int = 20
    held: int = 8
    good: int = 1000
    bad: int = 1000
    blocks: int = 5
    bundled_tokens: int = 768
    larger_tokens: int = 128
    larger_rounds: int = 3
    streams: int = 32
    grown: int = 10_000
    looks: int = 20
    tiny: bool = False


QUICK = Sizes(
    rounds=2,
    starts=5,
    cold=2,
    held=2,
    good=12,
    bad=40,
    blocks=1,
    bundled_tokens=12,
    larger_tokens=8,
    larger_rounds=1,
    streams=4,
    grown=60,
    looks=6,
    tiny=True,
)
