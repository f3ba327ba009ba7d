"""Constraints: answers that fit a JSON Schema or are one of some choices, followed token by token with llguidance."""

from collections import OrderedDict
from threading import Lock
from typing import Any, Protocol

from llguidance import LLMatcher
from torch import Tensor

from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import SamplingParams
from worker.engine.sampling.schema import compile_grammar, message_of
from worker.engine.sampling.vocabulary import Vocabulary

MAX_CACHED = 64
"""Compiled schemas and lists of choices that are cached."""

_Key = tuple[str | None, tuple[str, ...]]


class Constraint(Protocol):
    """The tokens that one request may generate next. Begins before the first token of the answer."""

    def mask(self) -> Tensor:
        """Return bool of shape (vocabulary,) on the CPU: True for each allowed token; end tokens once it is complete.

        Raises EngineError when no token is allowed.
        """

    def accept(self, token: int) -> None:
        """Note the token that was chosen. Raises EngineError if it is not allowed."""

    @property
    def finished(self) -> bool:
        """Return whether nothing more can follow; for a model without end tokens, whether the text is complete."""


class Grammars:
    """Compiles the constraints of one engine. Safe to call from any thread; one compiles at a time.

    tokenizer: a fast tokenizer of transformers. vocabulary: width of the logits. ends: tokens that end a text.
    A tokenizer that can't be used fails the requests that need it, not the engine.
    """

    def __init__(self, tokenizer: Any, vocabulary: int, ends: frozenset[int]) -> None:
        self._vocabulary: Vocabulary | None = None
        self._compiled: OrderedDict[_Key, LLMatcher | str] = OrderedDict()
        self._lock = Lock()
        try:
            self._vocabulary = Vocabulary(tokenizer, vocabulary, ends)
        except Exception as error:
            self._reason = f"This model's tokenizer can't be used for structured output: {error}"

    def compile(self, params: SamplingParams) -> Constraint | None:
        """Return the constraint of these parameters, or None when they have none. Raises BadRequest."""
        if not params.is_constrained:
            return None
        if self._vocabulary is None:
            raise BadRequest(self._reason)
        with self._lock:
            compiled = self._find(params, self._vocabulary)
        if isinstance(compiled, str):
            raise BadRequest(compiled)
        return GrammarConstraint(compiled.deep_copy(), self._vocabulary)

    def _find(self, params: SamplingParams, vocabulary: Vocabulary) -> LLMatcher | str:
        key = (params.schema, params.choices)
        if key not in self._compiled:
            self._compiled[key] = compile_grammar(params, vocabulary)
            if len(self._compiled) > MAX_CACHED:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(key)
        return self._compiled[key]


class GrammarConstraint:
    """A `Constraint` that follows a compiled grammar."""

    def __init__(self, matcher: LLMatcher, vocabulary: Vocabulary) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._ended = False

    def mask(self) -> Tensor:
        mask = self._vocabulary.allow(self._matcher.compute_logit_bias(), ends=self._matcher.is_accepting())
        if self._matcher.is_error():
            raise EngineError(f"The answer can't be checked any further: {message_of(self._matcher)}")
        if not mask.any():
            raise EngineError("None of the model's tokens can continue this answer.")
        return mask

    def accept(self, token: int) -> None:
        if token in self._vocabulary.ends and self._matcher.is_accepting():
            self._ended = True
        elif token in self._vocabulary.ends or not self._matcher.consume_token(token):
            raise EngineError(f"The token {token} does not fit the answer's schema or choices.")

    @property
    def finished(self) -> bool:
        if self._ended or self._matcher.is_stopped():
            return True
        return not self._vocabulary.ends and self._matcher.is_accepting()
