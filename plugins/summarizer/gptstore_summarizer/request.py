"""One request to the model: a text goes in, its summary streams out."""

from collections.abc import Iterator
from dataclasses import dataclass

from gptstore.sdk import Message, Model, ToolError
from gptstore.sdk.text import split_parts
from gptstore_summarizer.chat import part_messages, whole_messages
from gptstore_summarizer.prompts import STOP, Length, completion_prompt

SPARE_TOKENS = 8
"""Two texts put together may have a few tokens more than the sum of both."""

MIN_ROOM = 32
CHAT_TOKENS: dict[Length, int] = {"short": 150, "medium": 400, "long": 900}
BASE_TOKENS: dict[Length, int] = {"short": 60, "medium": 130, "long": 240}
PART_TOKENS = 160


@dataclass(frozen=True)
class Request:
    """How `model` is asked for a summary of the given length, of a whole text or of one part of it.

    parts: how many parts the whole text has.
    """

    model: Model
    length: Length
    is_part: bool = False
    parts: int = 1

    def fits(self, text: str) -> bool:
        return self.model.count_tokens(self.prompt(text)) + self.max_tokens <= self.model.context_length

    def split(self, text: str) -> list[str]:
        """Cut `text` on sentence borders into parts that fit the context beside the prompt and the summary.

        Raises ToolError when the model's context is too small for that.
        """
        room = self.model.context_length - self.model.count_tokens(self.prompt("")) - self.max_tokens - SPARE_TOKENS
        if room < MIN_ROOM:
            raise ToolError(
                f"This model reads and writes only {self.model.context_length} tokens, too few to summarize."
            )
        return split_parts(text, room, self.model.count_tokens)

    def stream(self, text: str) -> Iterator[str]:
        return self.model.stream(
            self.prompt(text),
            max_tokens=self.max_tokens,
            temperature=0.3 if self.model.is_chat else 0,
            top_p=0.9,
            stop=None if self.model.is_chat else STOP,
        )

    def prompt(self, text: str) -> str | list[Message]:
        if not self.model.is_chat:
            return completion_prompt(text, self.length)
        return part_messages(text) if self.is_part else whole_messages(text, self.length)

    @property
    def max_tokens(self) -> int:
        """The most tokens of the summary; never more than a quarter of the context."""
        limits = CHAT_TOKENS if self.model.is_chat else BASE_TOKENS
        limit = min(limits[self.length], PART_TOKENS) if self.is_part else limits[self.length]
        return min(limit, self.model.context_length // 4)
