"""The model of a server with OpenAI's API, as a tool sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil

import httpx

from gptstore.sdk.call import Call, Message
from gptstore.sdk.dev.http_answer import HttpAnswer
from gptstore.sdk.dev.http_body import completion_body, completion_path, is_wrapped
from gptstore.sdk.dev.http_server import UNKNOWN_CONTEXT, Server, find_server, read_count
from gptstore.sdk.host.errors import ModelRefused
from gptstore.sdk.model import Model

TIMEOUT = httpx.Timeout(30, read=600)
"""Seconds. A server that is busy may think for minutes before its first word."""

MAX_CONNECTIONS = 64
_TEMPLATE_TOKENS = 16
_MESSAGE_TOKENS = 8


class HttpModel(Model):
    """A model that answers over HTTP. note: takes what the author should know, such as that tokens are estimated.

    counts_exactly: whether `count_tokens` asks the server, which has to have vLLM's /tokenize.
    """

    def __init__(
        self,
        server: Server,
        *,
        context_length: int | None = None,
        is_chat: bool | None = None,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        limits = httpx.Limits(max_connections=MAX_CONNECTIONS)
        self._client = httpx.Client(headers=server.headers, timeout=TIMEOUT, limits=limits)
        try:
            self.server = find_server(self._client, server, context_length=context_length, is_chat=is_chat)
        except BaseException:
            self._client.close()
            raise
        self.name = self.server.model
        self.context_length = self.server.context_length
        self.is_chat = self.server.is_chat
        self.counts_exactly = self.server.counts
        self._note = note
        self._has_noted = False
        if not self.server.knows_context:
            note(f"The server does not say how long the context is: {UNKNOWN_CONTEXT} tokens are assumed (--context).")

    def close(self) -> None:
        self._client.close()

    def answer(self, call: Call) -> Iterator[str]:
        if not self.is_chat and not isinstance(call.prompt, str):
            raise ModelRefused("bad_request", "This model has no chat template: give it a plain text.")
        body = completion_body(call, self.server)
        wrapped = is_wrapped(call, self.server)
        url = self.server.path(completion_path(call))
        return HttpAnswer(self._client, url, body, call.stop, is_wrapped=wrapped, logprobs=call.logprobs)

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Count the tokens by the server, or else estimate them, rather too many."""
        if self.server.counts and (count := self._ask_count(prompt)) is not None:
            return count
        if not self._has_noted:
            self._has_noted = True
            self._note("This server does not count tokens: the tool gets an estimate, which is rather too high.")
        return estimate(prompt)

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        message = "This server gives no log-probabilities of a text: `score` works with a worker's model only."
        raise ModelRefused("bad_request", message)

    def _ask_count(self, prompt: str | Sequence[Message]) -> int | None:
        asked = {"prompt": prompt} if isinstance(prompt, str) else {"messages": [*prompt]}
        try:
            response = self._client.post(self.server.path("tokenize"), json={"model": self.name, **asked})
        except httpx.HTTPError as error:
            raise ModelRefused("engine_error", f"The model's server broke off ({type(error).__name__}).") from None
        return read_count(response) if response.status_code == 200 else None


def estimate(prompt: str | Sequence[Message]) -> int:
    """Estimate a number of tokens, rather too high: one for 3 letters of ASCII, and for 2 bytes of other text.

    English takes about one token for 4 letters, Chinese one for 1 to 1.5 characters of 3 bytes each.
    """
    if isinstance(prompt, str):
        letters = sum(map(str.isascii, prompt))
        return ceil(letters / 3) + ceil((len(prompt.encode(errors="replace")) - letters) / 2)
    return _TEMPLATE_TOKENS + sum(_MESSAGE_TOKENS + estimate(message["content"]) for message in prompt)
