"""An answer as it comes in: what of it is new for the one who asked."""

from worker.engine.errors import BadRequest
from worker.engine.protocol import FinishReason, Output
from worker.engine.remote.response_check import Promise
from worker.engine.remote.stream import Chunk
from worker.engine.request_state import Ticket


class Answer:
    """Follows the chunks of one ticket's answer.

    A chunk can hold several tokens or none. Where the server tells its usage, that counts; else its log-probabilities
    are counted, and without these, each chunk with text is taken for one token.
    """

    def __init__(self, ticket: Ticket, promise: Promise) -> None:
        self._ticket = ticket
        self._promise = promise
        self.reason: FinishReason | None = None

    def take(self, chunks: list[Chunk]) -> Output | None:
        """Take what came at once, and return the output to send. Raises EngineError for a broken promise."""
        text, tokens = "", 0
        logprobs: list[float] = []
        for chunk in chunks:
            text += chunk.text
            tokens += self._new_tokens(chunk, tokens)
            logprobs += chunk.logprobs
            self.reason = chunk.reason or self.reason
        if text and self._ticket.request.params.logprobs and not logprobs:
            raise BadRequest("This model server tells no log-probabilities.")
        return self._ticket.take(self._promise.feed(text), tokens, tuple(logprobs))

    def end(self) -> Output | None:
        """Take note that the server has said all, and return what is still to be sent. Raises EngineError."""
        self.reason = self.reason or "stop"
        rest = self._promise.check() if self.reason == "stop" else ""
        return self._ticket.take(rest, 0)

    def _new_tokens(self, chunk: Chunk, unsaid: int) -> int:
        ticket = self._ticket
        if chunk.usage is None:
            return len(chunk.logprobs) or bool(chunk.text)
        ticket.prompt_tokens = chunk.usage.prompt_tokens or ticket.prompt_tokens
        ticket.cached_tokens = chunk.usage.cached_tokens
        return max(0, chunk.usage.completion_tokens - ticket.completion_tokens - unsaid)
