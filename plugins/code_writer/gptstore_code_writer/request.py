"""One request to the model: a task goes in, an answer with code streams out."""

from collections.abc import Iterator
from dataclasses import dataclass

from gptstore.sdk import Message, Model, ToolError
from gptstore_code_writer.chat import chat_messages
from gptstore_code_writer.languages import NAMES, Language
from gptstore_code_writer.prompts import STOP, completion_prompt

CHAT_TOKENS = 2400
BASE_TOKENS = 400
MIN_TOKENS = 64


@dataclass(frozen=True)
class Request:
    """How `model` is asked for code in `language`."""

    model: Model
    language: Language

    def stream(self, task: str, *, temperature: float = 0.2, seed: int | None = None) -> Iterator[str]:
        """The model's answer, with all that stands around the code. Raises ToolError when there is no room for code."""
        prompt = self.prompt(task)
        room = self.model.context_length - self.model.count_tokens(prompt)
        if room < MIN_TOKENS:
            raise ToolError(
                f"The description is too long: this model reads and writes {self.model.context_length} tokens in all. "
                "Shorten the description, or split the task."
            )
        return self.model.stream(
            prompt,
            max_tokens=min(CHAT_TOKENS if self.model.is_chat else BASE_TOKENS, room),
            temperature=temperature,
            top_p=0.9,
            seed=seed,
            stop=None if self.model.is_chat else STOP,
        )

    def prompt(self, task: str) -> str | list[Message]:
        if self.model.is_chat:
            return chat_messages(task, self.language)
        return completion_prompt(task, NAMES[self.language])
