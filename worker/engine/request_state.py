"""The state of one request in an engine, and its output of one step of the model."""

from dataclasses import dataclass, field
from time import monotonic

from gptstore.sdk.answer_tokens import AnswerTokens
from gptstore.sdk.logprobs import TokenLogprob
from worker.engine.errors import EngineError
from worker.engine.protocol import Finish, FinishReason, Output, Request, Sink, Timings, Usage
from worker.engine.stop import StopStrings
from worker.engine.thoughts import ThoughtFilter


@dataclass(slots=True)
class StepOutput:
    """The output of one step of a model for one request.

    token: the new token, if there is one. text: what it adds to the answer.
    ranked: the number and the log-probability of the new token, then those of the likeliest, if they are wanted.
    logprobs: the same with the tokens' bytes. scores: of the tokens that were scored.
    reason: why the request ends here, if it does. error: why it failed; the others of the step did not.
    """

    token: int | None = None
    text: str = ""
    ranked: tuple[tuple[int, float], ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    scores: tuple[float, ...] = ()
    reason: FinishReason | None = None
    error: EngineError | None = None


@dataclass(eq=False, slots=True)
class RequestState:
    """One unfinished request: its sink, its times (`time.monotonic` seconds), its counts and text not yet sent.

    thoughts: takes them out of the text; None: there can be none.
    answer_tokens: finds the tokens of the text that is sent; None: their log-probabilities are not wanted.
    """

    request: Request
    sink: Sink
    stop: StopStrings = field(init=False)
    answer_tokens: AnswerTokens | None = field(init=False)
    submitted_at: float = field(default_factory=monotonic)
    started_at: float | None = None
    first_token_at: float | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    scores_given: int = 0
    canceled: bool = False
    thoughts: ThoughtFilter | None = None
    _unsent_tokens: int = 0
    _unsent_scores: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        self.stop = StopStrings(self.request.params.stop)
        self.answer_tokens = None if self.request.params.logprobs is None else AnswerTokens()

    @property
    def deadline(self) -> float | None:
        """Return the time at which the request fails if it has not ended; None: it has no deadline."""
        timeout_s = self.request.timeout_s
        return None if timeout_s is None else self.submitted_at + timeout_s

    def start(self) -> None:
        """Note that work on it begins; a second call changes nothing."""
        if self.started_at is None:
            self.started_at = monotonic()

    def split(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> tuple[str, str]:
        """Split new text of the model into its thoughts and its answer, as far as they are certain."""
        thoughts, answer = self.thoughts.feed(text) if self.thoughts else ("", text)
        if self.answer_tokens is not None:
            self.answer_tokens.add(text, answer, logprobs)
        return thoughts, answer

    def split_rest(self) -> tuple[str, str]:
        """Return what `split` held back, once the model has ended."""
        thoughts, answer = self.thoughts.flush() if self.thoughts else ("", "")
        if self.answer_tokens is not None:
            self.answer_tokens.add("", answer, ())
        return thoughts, answer

    def add(self, text: str, tokens: int, scores: tuple[float, ...] = (), thoughts: str = "") -> Output | None:
        """Count new text and tokens; return the output to send, unless all of the text is held back.

        thoughts: they are sent where the request asks for them.
        """
        if tokens and self.first_token_at is None:
            self.first_token_at = monotonic()
        self.completion_tokens += tokens
        self.scores_given += len(scores)
        self._unsent_tokens += tokens
        self._unsent_scores += scores
        text = self.stop.feed(text)
        thoughts = thoughts if self.request.params.thinking else ""
        return self._output(text, thoughts=thoughts) if text or thoughts else None

    def finish(self, reason: FinishReason, error: EngineError | None = None) -> Output:
        """Return the last output, with the text that was held back."""
        now = monotonic()
        started_at = now if self.started_at is None else self.started_at
        first_token_at = now if self.first_token_at is None else self.first_token_at
        timings = Timings(started_at - self.submitted_at, first_token_at - started_at, now - first_token_at)
        usage = Usage(self.prompt_tokens, self.completion_tokens, self.cached_tokens)
        thoughts, rest = self.split_rest()
        text = self.stop.feed(rest) + self.stop.flush()
        thoughts = thoughts if self.request.params.thinking else ""
        return self._output(text, Finish(reason, usage, timings, error), thoughts)

    def _output(self, text: str, finish: Finish | None = None, thoughts: str = "") -> Output:
        tokens, self._unsent_tokens = self._unsent_tokens, 0
        scores, self._unsent_scores = self._unsent_scores, ()
        logprobs = self.answer_tokens.send(text) if self.answer_tokens is not None else ()
        return Output(self.request.id, text, tokens, finish, logprobs, scores, thoughts)
