"""One stream of training data: rows, and how an example is made of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from training.tasks import Example, Row


@dataclass(frozen=True)
class Stream:
    """Rows of one kind, how to make an example of one of them, and its share of the training tokens."""

    name: str
    share: float
    rows: Sequence[Row]
    held_out: Sequence[Row]
    make: Callable[[Row, Random], Example]

    def example(self, seed: int, number: int) -> Example:
        """Return example `number` of the endless sequence. It depends on the seed and the number alone.

        The sequence goes through all rows again and again, each time in another order.
        """
        epoch, offset = divmod(number, len(self.rows))
        row = self.rows[_order(f"{seed}/{self.name}/{epoch}", len(self.rows))[offset]]
        return self.make(row, Random(f"{seed}/{self.name}/{number}"))

    def held_out_examples(self, limit: int) -> list[Example]:
        """Return the first `limit` examples that are never trained on, always the same."""
        return [self.make(row, Random(f"{self.name}/{n}")) for n, row in enumerate(self.held_out[:limit])]


@lru_cache(maxsize=64)
def _order(key: str, length: int) -> Sequence[int]:
    order = list(range(length))
    Random(key).shuffle(order)
    return order
