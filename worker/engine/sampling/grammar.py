"""Constraints: answers that fit a JSON Schema or are one of some choices, followed token by token with llguidance."""

from collections import OrderedDict
from contextlib import nullcontext
from threading import Lock
from time import thread_time
from typing import Any, Protocol

from llguidance import LLMatcher
from torch import Tensor

from worker.engine.errors import BadRequest, EngineError, GrammarTooHard
from worker.engine.params import SamplingParams
from worker.engine.sampling.grammar_process import ProbeCompiler
from worker.engine.sampling.schema import LIMITS, compile_grammar, message_of
from worker.engine.sampling.vocabulary import Vocabulary

MAX_CACHED = 64
"""Compiled schemas and lists of choices that are cached."""

GRAMMAR_SECONDS = 2.0
"""Processor time that a schema may take to compile. The slowest useful one that we found takes a third of a second."""

USUAL_SECONDS = 0.005
"""Processor time of a mask that no constraint is blamed for. The median is below 0.2 ms."""

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
    """Compiles the constraints of one engine. Safe to call from any thread; the schemas of one group wait in line.

    tokenizer: a fast tokenizer of transformers. vocabulary: width of the logits. ends: tokens that end a text.
    seconds: processor time that a schema may take to compile.
    A tokenizer that can't be used fails the requests that need it, not the engine.
    """

    def __init__(
        self, tokenizer: Any, vocabulary: int, ends: frozenset[int], *, seconds: float = GRAMMAR_SECONDS
    ) -> None:
        self._seconds = seconds
        self._vocabulary: Vocabulary | None = None
        self._compiled: OrderedDict[_Key, LLMatcher | BadRequest] = OrderedDict()
        self._lock = Lock()
        try:
            known = self._vocabulary = Vocabulary(tokenizer, vocabulary, ends)
            self._probe = ProbeCompiler(lambda: known.describe() | {"limits": LIMITS}, seconds)
        except Exception as error:
            self._reason = f"This model's tokenizer can't be used for structured output: {error}"

    def compile(self, params: SamplingParams, group: str = "") -> Constraint | None:
        """Return the constraint of these parameters, or None when they have none. Raises BadRequest, EngineError.

        group: whose turn it takes to compile.
        """
        if not params.is_constrained:
            return None
        if self._vocabulary is None:
            raise BadRequest(self._reason)
        key = (params.schema, params.choices)
        if (compiled := self._find(key)) is None:
            with self._probe.turn(group) if params.schema is not None else nullcontext():
                compiled = self._find(key) or self._add(key, compile_grammar(params, self._vocabulary, self._probe))
        if isinstance(compiled, BadRequest):
            raise compiled.with_traceback(None)
        return GrammarConstraint(compiled.deep_copy(), self._vocabulary, self._seconds)

    def close(self) -> None:
        """End the processes that compile."""
        if self._vocabulary is not None:
            self._probe.close()

    def _find(self, key: _Key) -> LLMatcher | BadRequest | None:
        with self._lock:
            if key in self._compiled:
                self._compiled.move_to_end(key)
            return self._compiled.get(key)

    def _add(self, key: _Key, compiled: LLMatcher | BadRequest) -> LLMatcher | BadRequest:
        with self._lock:
            self._compiled[key] = compiled
            if len(self._compiled) > MAX_CACHED:
                self._compiled.popitem(last=False)
        return compiled


class GrammarConstraint:
    """A `Constraint` that follows a compiled grammar.

    seconds: processor time that it may take beyond what is usual for a token, since all requests wait meanwhile.
    """

    def __init__(self, matcher: LLMatcher, vocabulary: Vocabulary, seconds: float) -> None:
        self._seconds = self._left = seconds
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._ended = False

    def mask(self) -> Tensor:
        begun_at = thread_time()
        marks = self._matcher.compute_logit_bias()
        self._left -= thread_time() - begun_at - USUAL_SECONDS
        if self._left < 0:
            raise GrammarTooHard(f"more than {self._seconds:g} seconds to follow (GPTSTORE_GRAMMAR_SECONDS)")
        mask = self._vocabulary.allow(marks, ends=self._matcher.is_accepting())
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
