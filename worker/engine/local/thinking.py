"""The thoughts of an answer, token by token: their end where they take too long, and the constraint after them."""

from collections import deque
from collections.abc import Callable, Collection, Sequence

from worker.engine.answer_length import AnswerLength
from worker.engine.sampling.grammar import Constraint
from worker.engine.sampling.sampling import Sampler
from worker.engine.thoughts import ThoughtFilter


class ThinkingGuide:
    """Guides a model from its thoughts to its answer.

    encode: returns the tokens of a text. Those that end the thoughts take the place of the model's own once these have
        their most tokens, or where the model would end its text without an answer; once a request.
    constraint: of the answer; it begins when thoughts that the prompt opened are over.
    """

    def __init__(
        self,
        thoughts: ThoughtFilter,
        length: AnswerLength,
        encode: Callable[[str], Sequence[int]],
        constraint: Constraint | None,
    ) -> None:
        self._thoughts = thoughts
        self._length = length
        self._encode = encode
        self._is_forced = False
        self._constraint = constraint
        self._forced: deque[int] = deque()

    def longest(self, made: int) -> int:
        """Return the most tokens after the prompt, where `made` are there already."""
        return self._length.longest(made + len(self._forced))

    def prepare(self, sampler: Sampler) -> None:
        """Have the sampler follow the constraint from the first token of the answer on."""
        if self._constraint is not None and not (self._thoughts.is_open or self._forced):
            sampler.constraint, self._constraint = self._constraint, None

    def replace(self, token: int, made: int, ends: Collection[int]) -> int:
        """Return the token that comes next: the sampled one, or one that ends the thoughts."""
        is_too_long = token in ends or made >= self._length.most_thoughts
        if is_too_long and not self._is_forced and (pair := self._thoughts.pair) is not None:
            self._forced.extend(self._encode(pair.ending))
            self._is_forced = True
        return self._forced.popleft() if self._forced else token
