"""Answers that fit a JSON Schema or are one of some choices: which tokens may come next. llguidance does the work.

White space between the parts of a JSON text is optional and at most a space, or a new line and an indent: a model
that loves white space can't go on with it until its tokens are spent.
"""

import json
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from llguidance import LLMatcher, LLParserLimits
from torch import Tensor

from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import SamplingParams
from worker.engine.sampling.schema import MAX_CHARACTERS, read_schema
from worker.engine.sampling.vocabulary import Vocabulary

if TYPE_CHECKING:
    from llguidance._lib import JsonCompileOptions

KEPT = 64
"""So many compiled schemas and lists of choices are kept."""

_JSON_STYLE: "JsonCompileOptions" = {
    "item_separator": ",",
    "key_separator": ":",
    "whitespace_flexible": True,
    "whitespace_pattern": r"[ ]|\n[ ]{0,16}",
    "lenient": False,
    "coerce_one_of": False,
}
_LIMITS = LLParserLimits(max_grammar_size=50_000, verbose_errors=False)

_Key = tuple[str | None, tuple[str, ...]]


class Constraint(Protocol):
    """What one request may say. Begins before the first token of the answer."""

    def mask(self) -> Tensor:
        """Return bool of shape (vocabulary,) on the CPU: True where a token may come; end tokens once it is complete.

        Raises EngineError when no token may come.
        """

    def accept(self, token: int) -> None:
        """Note the token that was chosen. Raises EngineError if it may not come."""

    @property
    def finished(self) -> bool:
        """Whether nothing more can follow; for a model without end tokens, whether the text is complete."""


class Grammars:
    """Makes the constraints of one engine. Safe to call from any thread; one compiles at a time.

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
        """Return what these parameters ask for, or None when they leave all open. Raises BadRequest."""
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
            self._compiled[key] = _compile(params, vocabulary)
            if len(self._compiled) > KEPT:
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
            raise EngineError(f"The answer can't be checked any further: {_message(self._matcher)}")
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


def _compile(params: SamplingParams, vocabulary: Vocabulary) -> LLMatcher | str:
    """Return what can be copied for each request, or why these parameters can't be used."""
    try:
        if params.schema is None:
            return _compile_choices(params.choices, vocabulary)
        return _compile_schema(params.schema, vocabulary)
    except BadRequest as error:
        return error.message


def _compile_schema(text: str, vocabulary: Vocabulary) -> LLMatcher:
    schema = read_schema(text)
    try:
        grammar = LLMatcher.grammar_from_json_schema(schema, overrides=_JSON_STYLE)
    except ValueError as error:
        raise BadRequest(f"The schema can't be used: {error}") from error
    matcher = LLMatcher(vocabulary.trie, grammar, log_level=0, limits=_LIMITS)
    if matcher.is_error():
        raise BadRequest(f"The schema can't be used: {_message(matcher)}")
    if matcher.is_stopped() or not _first_mask(matcher, vocabulary).any():
        raise BadRequest("Nothing fits the schema.")
    return matcher


def _compile_choices(choices: tuple[str, ...], vocabulary: Vocabulary) -> LLMatcher:
    if sum(map(len, choices)) > MAX_CHARACTERS:
        raise BadRequest(f"The choices have more than {MAX_CHARACTERS} characters.")
    if not vocabulary.ends and any(a != b and a.startswith(b) for a in choices for b in choices):
        raise BadRequest("This model can't end a text by itself, so no choice may begin with another one.")
    for choice in choices:
        if not vocabulary.can_spell(choice):
            raise BadRequest(f"The model's tokens can't spell the choice {choice!r}.")
    grammar = "start: " + " | ".join(json.dumps(choice).replace("\x7f", r"\u007f") for choice in choices)
    matcher = LLMatcher(vocabulary.trie, grammar, log_level=0, limits=_LIMITS)
    if matcher.is_error():
        raise BadRequest(f"The choices can't be used: {_message(matcher)}")
    return matcher


def _message(matcher: LLMatcher) -> str:
    return " ".join(matcher.get_error().split())[:300]


def _first_mask(matcher: LLMatcher, vocabulary: Vocabulary) -> Tensor:
    return vocabulary.allow(matcher.compute_logit_bias(), ends=matcher.is_accepting())
