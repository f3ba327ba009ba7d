"""Compiles JSON Schemas and choices to grammars. Schemas that would take too long or crash are refused before."""

import json
from typing import TYPE_CHECKING, Any

from llguidance import LLMatcher, LLParserLimits
from torch import Tensor

from worker.engine.errors import BadRequest
from worker.engine.params import SamplingParams, read_schema
from worker.engine.sampling.grammar_process import ProbeCompiler
from worker.engine.sampling.vocabulary import Vocabulary

if TYPE_CHECKING:
    from llguidance._lib import JsonCompileOptions

_JSON_STYLE: "JsonCompileOptions" = {
    "item_separator": ",",
    "key_separator": ":",
    "whitespace_flexible": True,
    "whitespace_pattern": r"[ ]|\n[ ]{0,16}",
    "lenient": False,
    "coerce_one_of": False,
}
"""White space between the parts of a JSON text is optional and at most a space, or a new line and an indent: a model
that loves white space can't go on with it until its tokens are spent."""

LIMITS: dict[str, Any] = {"max_grammar_size": 50_000, "max_lexer_states": 20_000, "verbose_errors": False}
"""llguidance's own; a state of the lexer takes 1 to 2 kB, also in each request's copy."""

_LIMITS = LLParserLimits(**LIMITS)


def compile_grammar(params: SamplingParams, vocabulary: Vocabulary, prober: ProbeCompiler) -> LLMatcher | BadRequest:
    """Return a matcher to copy for each request, or the reason why these parameters can't be used."""
    try:
        if params.schema is None:
            return compile_choices(params.choices, vocabulary)
        return compile_schema(params.schema, vocabulary, prober)
    except BadRequest as error:
        return error


def compile_schema(text: str, vocabulary: Vocabulary, prober: ProbeCompiler) -> LLMatcher:
    """Compile a JSON Schema, first where it can be killed: a compiled one can't be sent. Raises BadRequest."""
    schema = read_schema(text)
    prober.probe({"schema": schema, "style": _JSON_STYLE})
    try:
        grammar = LLMatcher.grammar_from_json_schema(schema, overrides=_JSON_STYLE)
    except ValueError as error:
        raise BadRequest(f"The schema can't be used: {error}") from error
    matcher = LLMatcher(vocabulary.trie, grammar, log_level=0, limits=_LIMITS)
    if matcher.is_error():
        raise BadRequest(f"The schema can't be used: {message_of(matcher)}")
    if matcher.is_stopped() or not _first_mask(matcher, vocabulary).any():
        raise BadRequest("Nothing fits the schema.")
    return matcher


def compile_choices(choices: tuple[str, ...], vocabulary: Vocabulary) -> LLMatcher:
    """Compile texts of which the answer is to be one. Raises BadRequest."""
    if not vocabulary.ends and any(a != b and a.startswith(b) for a in choices for b in choices):
        raise BadRequest("This model can't end a text by itself, so no choice may begin with another one.")
    for choice in choices:
        if not vocabulary.can_spell(choice):
            raise BadRequest(f"The model's tokens can't spell the choice {choice!r}.")
    grammar = "start: " + " | ".join(json.dumps(choice).replace("\x7f", r"\u007f") for choice in choices)
    matcher = LLMatcher(vocabulary.trie, grammar, log_level=0, limits=_LIMITS)
    if matcher.is_error():
        raise BadRequest(f"The choices can't be used: {message_of(matcher)}")
    return matcher


def message_of(matcher: LLMatcher) -> str:
    """Return a matcher's error on one line, shortened."""
    return " ".join(matcher.get_error().split())[:300]


def _first_mask(matcher: LLMatcher, vocabulary: Vocabulary) -> Tensor:
    return vocabulary.allow(matcher.compute_logit_bias(), ends=matcher.is_accepting())
