"""Reads a response as it streams in: counts its tokens, and checks that it keeps to the request's constraint.

A server that knows nothing of a constraint ignores it silently.
"""

import json
from collections import deque
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from gptstore.sdk.logprobs import TokenLogprob
from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import DEFAULT_MAX_TOKENS, SamplingParams, read_schema
from worker.engine.protocol import FinishReason, Output
from worker.engine.remote.body import CHOICE, wrapped
from worker.engine.remote.server import Server
from worker.engine.remote.stream import Chunk
from worker.engine.request_state import RequestState


class ResponseReader:
    """Turns the chunks of one request's response into outputs.

    A chunk can hold several tokens or none. Where the server sends its usage, that counts; else its log-probabilities
    are counted, and without these, each chunk with text counts as one token. Tokens of thoughts count, but not against
    the answer's `max_tokens`.
    """

    def __init__(self, state: RequestState, server: Server) -> None:
        self._state = state
        self._check = ResponseCheck(state.request.params, server)
        if self._check.is_wrapped:
            state.answer_tokens = None  # the tokens are those of the object around the choice
        self._room = state.request.params.max_tokens or DEFAULT_MAX_TOKENS
        self._has_logprobs = False
        self.reason: FinishReason | None = None

    def feed(self, chunks: list[Chunk]) -> Output | None:
        """Take the chunks that came at once, and return the output to send. Raises EngineError."""
        text, thoughts, tokens = "", "", 0
        for chunk in chunks:
            count = self._new_tokens(chunk, tokens)
            more, answer = self._state.split(chunk.text, self._logprobs_of(chunk))
            self._room -= count if answer else 0
            text, thoughts, tokens = text + answer, thoughts + chunk.thoughts + more, tokens + count
            self._has_logprobs |= bool(chunk.logprobs)
            self.reason = chunk.reason or self.reason
        if (text or thoughts) and self._state.request.params.logprobs is not None and not self._has_logprobs:
            raise BadRequest("This model server tells no log-probabilities.")
        return self._state.add(self._check.feed(text), tokens, thoughts=thoughts)

    @property
    def is_full(self) -> bool:
        """Return whether the answer has all the tokens that it may have."""
        return self._room <= 0

    def finish(self) -> Output | None:
        """Note that the response is complete, and return the output that is still to be sent. Raises EngineError."""
        self.reason = self.reason or "stop"
        thoughts, text = self._state.split_rest()
        text = self._check.feed(text)
        text += self._check.finish() if self.reason == "stop" else ""
        return self._state.add(text, 0, thoughts=thoughts)

    def _logprobs_of(self, chunk: Chunk) -> tuple[TokenLogprob, ...]:
        """Return the tokens of a chunk's text, without those of the thoughts before it, which come along."""
        count = self._state.request.params.logprobs
        if count is None:
            return ()
        found, length = deque[TokenLogprob](), 0
        for token in reversed(chunk.logprobs):
            length += len(token.text)
            if chunk.thoughts and length > len(chunk.text):
                break
            found.appendleft(replace(token, top=token.top[:count]))
        return tuple(found)

    def _new_tokens(self, chunk: Chunk, uncounted: int) -> int:
        state = self._state
        if chunk.usage is None:
            return len(chunk.logprobs) or bool(chunk.text or chunk.thoughts)
        state.prompt_tokens = chunk.usage.prompt_tokens or state.prompt_tokens
        state.cached_tokens = chunk.usage.cached_tokens
        return max(0, chunk.usage.completion_tokens - state.completion_tokens - uncounted)


class ResponseCheck:
    """Checks a response against the request's schema or choices, and decides which of its text can be shown.

    vLLM takes choices as such. To other servers they go as a schema, and the response is JSON around the choice:
    nothing of it is shown until it is complete.
    """

    def __init__(self, params: SamplingParams, server: Server) -> None:
        self._choices = params.choices
        self.is_wrapped = bool(params.choices) and not server.is_vllm
        self._is_constrained = params.is_constrained
        self._text = ""
        schema = wrapped(params.choices) if self.is_wrapped else params.schema and read_schema(params.schema)
        self._validator = None if schema is None else _validator(schema)

    def feed(self, text: str) -> str:
        """Take new text and return what can be shown. Raises EngineError as soon as no choice begins like it."""
        if not self._is_constrained:
            return text
        self._text += text
        if self.is_wrapped:
            return ""
        if self._choices and not any(choice.startswith(self._text) for choice in self._choices):
            raise _broken("choices", "vLLM knows them since version 0.11.")
        return text

    def finish(self) -> str:
        """Check the whole response, and return the text that is still to be shown. Raises EngineError."""
        if self._validator is not None:
            try:
                answer = json.loads(self._text)
                self._validator.validate(answer)
            except (ValueError, ValidationError, Unresolvable, RecursionError) as error:
                what = "choices" if self.is_wrapped else "schema"
                raise _broken(what, "It may not know any: the answer does not fit.") from error
            return str(answer[CHOICE]) if self.is_wrapped else ""
        if self._choices and self._text not in self._choices:
            raise _broken("choices", "It ended in the middle of one.")
        return ""


def _validator(schema: Any) -> Draft202012Validator:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise BadRequest(f"The schema is not a JSON Schema: {error.message}") from error
    return Draft202012Validator(schema, registry=Registry())  # which fetches nothing


def _broken(what: str, more: str) -> EngineError:
    return EngineError(f"The model server did not keep to the {what} of this request. {more}")
