"""One request to the model: a unit of text goes in, its translation streams out."""

from collections.abc import Iterator
from dataclasses import dataclass

from gptstore.sdk import Message, Model, ToolError
from gptstore_translator.chat import chat_messages
from gptstore_translator.prompts import STOP, completion_prompt
from gptstore_translator.units import Unit, paragraph_units, sentence_units

SPARE_TOKENS = 24
"""Room for short texts whose translation is much longer, and for tokens that join two texts."""

GROWTH = 3
"""A translation may have up to this many times the tokens of its source, most of all into Chinese."""

MIN_TOKENS = 16
CHAT_UNIT_TOKENS = 1200
"""Chat models begin to leave things out of longer texts, and many stop after 4,096 tokens of output."""


@dataclass(frozen=True)
class Request:
    """How `model` is asked for translations from `source` to `target`, both ISO 639-1 codes."""

    model: Model
    source: str
    target: str

    def units(self, text: str) -> list[Unit]:
        """What to translate at once: paragraphs for a chat model, sentences for a base model.

        Raises ToolError when the model's context is too small for that.
        """
        room = self.model.context_length - self.model.count_tokens(self.prompt("")) - SPARE_TOKENS
        fitting = room // (1 + GROWTH)
        if fitting < MIN_TOKENS:
            raise ToolError(
                f"This model reads and writes only {self.model.context_length} tokens, too few to translate."
            )
        if self.model.is_chat:
            return paragraph_units(text, self.target, min(fitting, CHAT_UNIT_TOKENS), self.model.count_tokens)
        return sentence_units(text, self.target, fitting, self.model.count_tokens)

    def stream(self, text: str, *, temperature: float = 0.2, seed: int | None = None) -> Iterator[str]:
        return self.model.stream(
            self.prompt(text),
            max_tokens=GROWTH * self.model.count_tokens(text) + SPARE_TOKENS // 2,
            temperature=temperature,
            top_p=0.9,
            seed=seed,
            stop=None if self.model.is_chat else STOP,
        )

    def prompt(self, text: str) -> str | list[Message]:
        if self.model.is_chat:
            return chat_messages(text, self.source, self.target)
        return completion_prompt(text, self.source, self.target)
