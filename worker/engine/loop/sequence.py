"""The tokens of one request, as the scheduler sees them: their number, those read so far, those read in this step."""

from dataclasses import dataclass, field

from worker.engine.loop.prefix import Extent
from worker.engine.loop.prompt_lookup import PromptLookup
from worker.engine.request_state import RequestState


@dataclass(eq=False, slots=True, kw_only=True)
class Sequence:
    """Tokens that the model reads and adds to.

    tokens: the prompt, and the tokens generated since.
    prompt_length: tokens of the prompt.
    max_length: the number of tokens, prompt included, after which it ends at the latest.
    reusable: the most tokens that prefix caching may take from another request. The last token of a prompt has to be
        read by the model, since its output is wanted.
    group, weight: for fair scheduling.
    read: the number of tokens whose keys and values are in `extent`.
    seen: whether the last of them gave an output, so that an error in any would have shown.
    cached: the number of the prompt's tokens that prefix caching found.
    scheduled: the number of tokens that the present step reads, of `tokens[read:] + draft`.
    draft: guesses of the tokens after the last one, read in the same step to see whether they are right.
    lookup: makes such guesses; None: none were wanted yet.
    """

    tokens: list[int]
    prompt_length: int
    max_length: int
    reusable: int
    group: str = ""
    weight: float = 1.0
    read: int = 0
    seen: bool = False
    cached: int = 0
    scheduled: int = 0
    extent: Extent | None = field(default=None, repr=False)
    draft: list[int] = field(default_factory=list)
    lookup: PromptLookup | None = field(default=None, repr=False)

    @property
    def unread(self) -> int:
        """Return the number of tokens that the model has yet to read. If it is 1, the next step generates a token."""
        return len(self.tokens) - self.read

    @property
    def reads_last(self) -> bool:
        """Return whether the present step reads the last token, so that it gives the next one."""
        return self.read + self.scheduled - len(self.draft) == len(self.tokens)

    def confirm_guess(self) -> bool:
        """Return whether the next guess is what the model said, and forget it."""
        return bool(self.draft) and self.draft.pop(0) == self.tokens[-1]

    def append(self, token: int) -> None:
        """Add a token that the model generated. Its output shows that all before it are read, also guesses."""
        self.read = len(self.tokens)
        self.tokens.append(token)


@dataclass(eq=False, slots=True, kw_only=True)
class RequestSequence(Sequence):
    """The sequence of a request that was submitted."""

    state: RequestState
