"""What an answer has to be: a server that knows nothing of a constraint ignores it without a word."""

import json

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import SamplingParams
from worker.engine.remote.body import read_schema


class Promise:
    """Follows an answer and says when it is not what the request asked for."""

    def __init__(self, params: SamplingParams) -> None:
        self._params = params
        self._text = ""
        self._validator = None
        if params.schema is not None:
            schema = read_schema(params.schema)
            try:
                Draft202012Validator.check_schema(schema)
            except SchemaError as error:
                raise BadRequest(f"The schema is not a JSON Schema: {error.message}") from error
            self._validator = Draft202012Validator(schema, registry=Registry())  # fetches nothing

    def feed(self, text: str) -> None:
        """Take new text. Raises EngineError as soon as no choice begins like it."""
        if not self._params.is_constrained:
            return
        self._text += text
        choices = self._params.choices
        if choices and not any(choice.startswith(self._text) for choice in choices):
            raise _broken("choices", "For choices it has to be vLLM 0.12 or newer.")

    def check(self) -> None:
        """Look at the whole answer. Raises EngineError."""
        if self._params.choices and self._text not in self._params.choices:
            raise _broken("choices", "It ended in the middle of one.")
        if self._validator is not None:
            try:
                self._validator.validate(json.loads(self._text))
            except (ValueError, ValidationError, Unresolvable, RecursionError) as error:
                raise _broken("schema", "The answer does not fit it.") from error


def _broken(what: str, more: str) -> EngineError:
    return EngineError(f"The model server did not keep to the {what} of this request. {more}")
