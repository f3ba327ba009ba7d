"""One request as the scheduler sees it: tokens, and how many of them the model has read."""

from dataclasses import dataclass, field

from worker.engine.loop.prefix import Extent


@dataclass(eq=False, slots=True, kw_only=True)
class Sequence:
    """Tokens that the model reads and adds to.

    tokens: the prompt, and what was made since.
    prompt_length: tokens of the prompt.
    longest: tokens, prompt included, after which it ends at the latest.
    reusable: so many tokens at most may come from the cache of a request that began alike. The last token of a prompt
        has to be read by the model, since its output is wanted.
    read: tokens whose keys and values are in `extent`.
    seen: whether the last of them gave an output, so that an error in any would have shown.
    """

    tokens: list[int]
    prompt_length: int
    longest: int
    reusable: int
    group: str = ""
    weight: float = 1.0
    read: int = 0
    seen: bool = False
    cached: int = 0
    extent: Extent | None = field(default=None, repr=False)

    @property
    def unread(self) -> int:
        """Tokens that the model has yet to read. Where it is 1, the next step makes a token."""
        return len(self.tokens) - self.read
