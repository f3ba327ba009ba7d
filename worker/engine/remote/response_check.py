"""What an answer has to be: a server that knows nothing of a constraint ignores it without a word."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import SamplingParams
from worker.engine.remote.body import CHOICE, read_schema, wrapped
from worker.engine.remote.server import Server


class Promise:
    """Follows an answer, says what of it can be shown, and when it is not what the request asked for.

    To vLLM choices are sent as such. To other servers they go as a schema, and the answer is JSON around the choice:
    nothing of it is shown until it is complete.
    """

    def __init__(self, params: SamplingParams, server: Server) -> None:
        self._choices = params.choices
        self._is_wrapped = bool(params.choices) and not server.is_vllm
        self._follows = params.is_constrained
        self._text = ""
        schema = wrapped(params.choices) if self._is_wrapped else params.schema and read_schema(params.schema)
        self._validator = None if schema is None else _validator(schema)

    def feed(self, text: str) -> str:
        """Take new text and return what can be shown. Raises EngineError as soon as no choice begins like it."""
        if not self._follows:
            return text
        self._text += text
        if self._is_wrapped:
            return ""
        if self._choices and not any(choice.startswith(self._text) for choice in self._choices):
            raise _broken("choices", "vLLM knows them since version 0.11.")
        return text

    def check(self) -> str:
        """Look at the whole answer, and return what is still to be shown. Raises EngineError."""
        if self._validator is not None:
            try:
                answer = json.loads(self._text)
                self._validator.validate(answer)
            except (ValueError, ValidationError, Unresolvable, RecursionError) as error:
                what = "choices" if self._is_wrapped else "schema"
                raise _broken(what, "It may not know any: the answer does not fit.") from error
            return str(answer[CHOICE]) if self._is_wrapped else ""
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
