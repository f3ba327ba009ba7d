"""The bodies of requests, as far as they reach a tool."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gptstore.api.openai.errors import OpenAIError
from gptstore.api.openai.parameters import check_others
from gptstore.sdk.parameters import MAX_LOGPROBS

MAX_ANSWERS = 8
"""Answers to one request. Each is a run of its own, in the queue beside all others."""

MAX_COMPLETION_LOGPROBS = 5
"""The most alternatives to a token in plain completions, as OpenAI has it; chat has MAX_LOGPROBS."""

Role = Literal["system", "developer", "user", "assistant"]
Asked = TypeVar("Asked", bound="Request")


class Part(BaseModel):
    """A model that refuses what it does not know."""

    model_config = ConfigDict(strict=True, extra="forbid")


class StreamOptions(BaseModel):
    """Options of a stream. `include_obfuscation` and later ones change nothing that counts."""

    model_config = ConfigDict(strict=True, extra="ignore")

    include_usage: bool | None = None


class Request(BaseModel):
    """The parameters that both kinds of completion take. None is as good as leaving one out."""

    model_config = ConfigDict(strict=True, extra="allow")

    model: str
    n: Annotated[int | None, Field(ge=1, le=MAX_ANSWERS)] = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @property
    def alternatives(self) -> int | None:
        """Return how many others are wanted with the log-probability of each token; None: no log-probabilities."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        """Return how many answers are asked for."""
        return 1 if self.n is None else self.n

    @property
    def includes_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)


class CompletionRequest(Request):
    prompt: str | list[str]
    logprobs: Annotated[int | None, Field(ge=0, le=MAX_COMPLETION_LOGPROBS)] = None

    @property
    def alternatives(self) -> int | None:
        return self.logprobs


class TextPart(Part):
    """A part of a message. There are no images, sounds or files."""

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    role: Role
    content: str | list[TextPart] | None = None


class JsonSchema(Part):
    """The schema of an answer. `strict` changes nothing: an answer fits its schema always."""

    name: str
    description: str | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    strict: bool | None = None


class AsText(Part):
    type: Literal["text"]


class AsJson(Part):
    type: Literal["json_object"]


class AsSchema(Part):
    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat = Annotated[AsText | AsJson | AsSchema, Field(discriminator="type")]


class ChatRequest(Request):
    messages: list[ChatMessage]
    max_completion_tokens: int | None = None
    response_format: ResponseFormat | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int | None, Field(ge=0, le=MAX_LOGPROBS)] = None

    @property
    def alternatives(self) -> int | None:
        if not self.logprobs and self.top_logprobs:
            message = "The parameter 'top_logprobs' goes with 'logprobs': true only."
            raise OpenAIError(400, message, param="top_logprobs", code="invalid_value")
        return (self.top_logprobs or 0) if self.logprobs else None


def read_request(kind: type[Asked], body: Any) -> Asked:
    """Check a body. Raises OpenAIError, which names the first parameter that is wrong."""
    if not isinstance(body, dict):
        raise OpenAIError(400, "The body must be a JSON object.", code="invalid_body")
    try:
        asked = kind.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from None
    check_others(asked.model_extra or {})
    if asked.stream_options is not None and not asked.stream:
        raise OpenAIError(400, "'stream_options' goes with 'stream': true only.", param="stream_options")
    return asked


def invalid(error: ValidationError) -> OpenAIError:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = [str(part) for part in problem["loc"]]
    if problem["type"] == "missing" and len(place) == 1:
        message = f"You must provide the parameter '{place[0]}'."
        return OpenAIError(400, message, param=place[0], code="missing_required_parameter")
    return OpenAIError(400, f"Invalid '{'.'.join(place)}': {problem['msg']}.", param=place[0], code="invalid_value")
