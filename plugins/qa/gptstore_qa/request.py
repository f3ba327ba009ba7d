"""One request to the model: a passage and a question go in, an answer streams out."""

from collections.abc import Iterator
from dataclasses import dataclass

from gptstore.sdk import Message, Model, ToolError
from gptstore.sdk.text import split_parts
from gptstore_qa.chat import chat_messages, drop_not_found
from gptstore_qa.prompts import STOP, completion_prompt

CHAT_TOKENS = 300
BASE_TOKENS = 48
SPARE_TOKENS = 8
"""Two texts put together may have a few tokens more than the sum of both."""

MIN_ROOM = 32


@dataclass(frozen=True)
class Request:
    """How `model` is asked `question` about a passage."""

    model: Model
    question: str

    def fits(self, passage: str) -> bool:
        return self.model.count_tokens(self.prompt(passage)) + self.max_tokens <= self.model.context_length

    def split(self, passage: str) -> list[str]:
        """Cut the passage on sentence borders into parts that fit the context beside question and answer.

        Raises ToolError when the question alone fills the context.
        """
        room = self.model.context_length - self.model.count_tokens(self.prompt("")) - self.max_tokens - SPARE_TOKENS
        if room < MIN_ROOM:
            raise ToolError("The question is too long for this model. Ask it in fewer words.")
        return split_parts(passage, room, self.model.count_tokens)

    def stream(self, passage: str) -> Iterator[str]:
        """The answer; nothing when the model says that the passage does not hold it."""
        pieces = self.model.stream(
            self.prompt(passage),
            max_tokens=self.max_tokens,
            temperature=0.1 if self.model.is_chat else 0,
            top_p=0.9,
            stop=None if self.model.is_chat else STOP,
        )
        return drop_not_found(pieces) if self.model.is_chat else pieces

    def prompt(self, passage: str) -> str | list[Message]:
        if self.model.is_chat:
            return chat_messages(passage, self.question)
        return completion_prompt(passage, self.question)

    @property
    def max_tokens(self) -> int:
        return min(CHAT_TOKENS if self.model.is_chat else BASE_TOKENS, self.model.context_length // 4)
