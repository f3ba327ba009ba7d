"""The tokenizer: from prompts to tokens with a Hugging Face tokenizer, safe to use from many threads."""

from collections.abc import Sequence
from itertools import takewhile
from threading import Lock
from typing import Any

from jinja2 import TemplateError
from tokenizers.decoders import ByteLevel

from worker.engine.errors import BadRequest
from worker.engine.protocol import Message, Prompt
from worker.engine.text.detokenizer import ByteDetokenizer, ByteTable, Detokenizer, WindowDetokenizer


class PromptTokenizer:
    """Encodes prompts, applies the chat template, and makes detokenizers.

    Calling a Hugging Face tokenizer from two threads can fail with "Already borrowed", since a call sets its
    truncation anew. So the Rust tokenizer below it is called directly; a tokenizer without one gets a lock.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._rust = getattr(tokenizer, "backend_tokenizer", None)
        self._lock = Lock()
        self._hidden = frozenset(tokenizer.all_special_ids)
        self._byte_table: ByteTable | None = None
        if self._rust is not None:
            self._rust.no_truncation()
            self._rust.no_padding()
            added = self._rust.get_added_tokens_decoder()
            self._hidden |= {number for number, token in added.items() if token.special}
            if isinstance(self._rust.decoder, ByteLevel):
                self._byte_table = ByteTable(self._rust.id_to_token, self._hidden)

    @property
    def is_chat(self) -> bool:
        """Return whether it has a chat template, so that a prompt can be messages, not only plain text."""
        return bool(self._tokenizer.chat_template)

    def encode(self, prompt: Prompt) -> list[int]:
        """Return the prompt's tokens. Raises BadRequest."""
        if isinstance(prompt, str):
            tokens = self._encode(prompt, special=True)
        else:
            tokens = self._encode(self._as_text(prompt), special=False)
        if not tokens:
            raise BadRequest("The prompt is empty.")
        return tokens

    def encode_continued(self, prompt: Prompt, continuation: str) -> tuple[list[int], int]:
        """Return the tokens of a prompt with its continuation, and how many of them are the prompt's alone.

        Where a token spans the border between the two, it counts as the continuation's. Raises BadRequest.
        """
        before = self.encode(prompt)
        if isinstance(prompt, str):
            tokens = self._encode(prompt + continuation, special=True)
        else:
            tokens = self._encode(self._as_text(prompt) + continuation, special=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, tokens, strict=False)))
        if same == len(tokens):
            raise BadRequest("The continuation is empty.")
        return tokens, max(1, same)

    def detokenizer(self, prompt: Prompt, tokens: Sequence[int]) -> Detokenizer:
        """Return a detokenizer for the tokens after `tokens`, which continue plain text or answer messages."""
        if self._byte_table is not None:
            return ByteDetokenizer(self._byte_table)
        return WindowDetokenizer(self._decode, tokens if isinstance(prompt, str) else ())

    def _as_text(self, messages: tuple[Message, ...]) -> str:
        """Apply the chat template. Models that let one choose, as Qwen3 and SmolLM3, answer without thinking first."""
        if not self.is_chat:
            raise BadRequest("This model takes plain text only: it has no chat template for messages.")
        if not messages:
            raise BadRequest("There are no messages.")
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            text = self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True, enable_thinking=False
            )
        except TemplateError as error:
            raise BadRequest(f"The model's chat template refuses these messages: {error}") from error
        return str(text)

    def _encode(self, text: str, *, special: bool) -> list[int]:
        if self._rust is not None:
            # `encode` would keep all other threads waiting, the engine's among them: 0.7 s for a text of a megabyte.
            return list(self._rust.encode_batch_fast([text], add_special_tokens=special)[0].ids)
        with self._lock:
            return list(self._tokenizer.encode(text, add_special_tokens=special))

    def _decode(self, tokens: Sequence[int]) -> str:
        shown = [token for token in tokens if token not in self._hidden]
        if self._rust is not None:
            return str(self._rust.decode(shown))
        with self._lock:
            return str(self._tokenizer.decode(shown, clean_up_tokenization_spaces=False))
