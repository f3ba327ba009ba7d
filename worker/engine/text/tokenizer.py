"""The tokenizer: from prompts to tokens with a Hugging Face tokenizer, safe to use from many threads."""

import logging
from collections.abc import Sequence
from itertools import takewhile
from threading import Lock
from typing import Any, get_args

from jinja2 import TemplateError
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel

from worker.engine.errors import BadRequest
from worker.engine.protocol import Message, Prompt, Role
from worker.engine.text.detokenizer import ByteDetokenizer, ByteTable, Detokenizer, WindowDetokenizer
from worker.engine.text.markers import Markers, find_markers
from worker.engine.text.renaming import rename_tokens

logger = logging.getLogger(__name__)

_ROLES = frozenset(get_args(Role))


class PromptTokenizer:
    """Encodes prompts, applies the chat template, and makes detokenizers.

    Text that looks like a marker, such as <|im_end|>, is encoded as any other text: only a chat template and the
    tokenizer itself place markers. Where their tokens can't be renamed for that, such a text is refused.

    Calling a Hugging Face tokenizer from two threads can fail with "Already borrowed", since a call sets its
    truncation anew. So the Rust tokenizer below it is called directly; a tokenizer without one gets a lock.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._rust = getattr(tokenizer, "backend_tokenizer", None)
        self._lock = Lock()
        self._byte_table: ByteTable | None = None
        added = getattr(tokenizer, "added_tokens_decoder", {})
        if self._rust is not None:
            self._rust.no_truncation()
            self._rust.no_padding()
            added = added | self._rust.get_added_tokens_decoder()
        self._hidden = frozenset(tokenizer.all_special_ids)
        self._hidden |= {number for number, token in added.items() if token.special}
        if self._rust is not None and isinstance(self._rust.decoder, ByteLevel):
            self._byte_table = ByteTable(self._rust.id_to_token, self._hidden)
        template = str(tokenizer.chat_template or "")
        self._markers = Markers(find_markers(added.values(), tokenizer.all_special_tokens, template))
        ids = tokenizer.convert_tokens_to_ids([*self._markers.names])
        self._marker_ids = frozenset(ids) - {None, tokenizer.unk_token_id}  # any text may have unknown letters
        self._added_markers = self._count_markers(self._encode(self._rust, "", special=True))
        self._renamed = self._rename()

    @property
    def is_chat(self) -> bool:
        """Return whether it has a chat template, so that a prompt can be messages, not only plain text."""
        return bool(self._tokenizer.chat_template)

    def encode(self, prompt: Prompt) -> list[int]:
        """Return the prompt's tokens. Raises BadRequest."""
        tokens = self._tokens(prompt)
        if not tokens:
            raise BadRequest("The prompt is empty.")
        return tokens

    def encode_continued(self, prompt: Prompt, continuation: str) -> tuple[list[int], int]:
        """Return the tokens of a prompt with its continuation, and how many of them are the prompt's alone.

        Where a token spans the border between the two, it counts as the continuation's. Raises BadRequest.
        """
        before, tokens = self.encode(prompt), self._tokens(prompt, continuation)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, tokens, strict=False)))
        if same == len(tokens):
            raise BadRequest("The continuation is empty.")
        return tokens, max(1, same)

    def detokenizer(self, prompt: Prompt, tokens: Sequence[int]) -> Detokenizer:
        """Return a detokenizer for the tokens after `tokens`, which continue plain text or answer messages."""
        if self._byte_table is not None:
            return ByteDetokenizer(self._byte_table)
        return WindowDetokenizer(self._decode, tokens if isinstance(prompt, str) else ())

    def _rename(self) -> Tokenizer | None:
        """Return a tokenizer that knows markers by their secret names only; None where that can't be made."""
        names = self._markers.names
        try:
            renamed = None if self._rust is None else rename_tokens(self._rust, names)
        except Exception as error:
            logger.warning("texts that hold special tokens are refused", extra={"why": str(error)})
            return None
        if renamed is not None:
            found = renamed.encode_batch_fast([f"a{name}" for name in names.values()], add_special_tokens=False)
            self._markers.renamed = {
                text: name
                for (text, name), one in zip(names.items(), found, strict=True)
                if renamed.token_to_id(name) in one.ids
            }
        return renamed

    def _tokens(self, prompt: Prompt, continuation: str = "") -> list[int]:
        """Return tokens in which each marker is the tokenizer's own or the template's.

        Ordinary text is encoded by the model's own tokenizer, so that it is read as everywhere else.
        """
        is_plain = isinstance(prompt, str)
        text, hidden = (prompt, prompt) if isinstance(prompt, str) else self._apply_templates(prompt, continuation)
        own = [] if is_plain else self._markers.all_in(hidden)
        if self._markers.all_in(text + continuation) == own:
            tokens = self._encode(self._rust, text + continuation, special=is_plain)
            if self._count_markers(tokens) <= len(own) + is_plain * self._added_markers:
                return tokens
        if self._renamed is None:
            raise BadRequest("The text holds a special token, which this model's tokenizer can't read as text.")
        safe = hidden if is_plain else self._markers.show(self._markers.rename(hidden))
        return self._encode(self._renamed, safe + continuation, special=is_plain)

    def _apply_templates(self, messages: Sequence[Message], continuation: str) -> tuple[str, str]:
        """Apply the chat template, also to messages whose contents are hidden so far that they hold no marker."""
        text = self._apply_template(messages)
        if not any(map(self._markers.can_forge, [*(message.content for message in messages), continuation])):
            return text, text
        return text, self._apply_template(
            [Message(message.role, self._markers.hide(message.content)) for message in messages]
        )

    def _count_markers(self, tokens: Sequence[int]) -> int:
        return sum(map(self._marker_ids.__contains__, tokens))

    def _apply_template(self, messages: Sequence[Message]) -> str:
        """Apply the chat template. Models that let one choose, as Qwen3 and SmolLM3, answer without thinking first."""
        if not self.is_chat:
            raise BadRequest("This model takes plain text only: it has no chat template for messages.")
        if not messages:
            raise BadRequest("There are no messages.")
        if not all(message.role in _ROLES for message in messages):
            raise BadRequest(f"The role of a message is one of {', '.join(sorted(_ROLES))}.")
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            text = self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True, enable_thinking=False
            )
        except TemplateError as error:
            raise BadRequest(f"The model's chat template refuses these messages: {error}") from error
        return str(text)

    def _encode(self, rust: Tokenizer | None, text: str, *, special: bool) -> list[int]:
        if rust is not None:
            # `encode` would keep all other threads waiting, the engine's among them: 0.7 s for a text of a megabyte.
            return list(rust.encode_batch_fast([text], add_special_tokens=special)[0].ids)
        with self._lock:
            return list(self._tokenizer.encode(text, add_special_tokens=special))

    def _decode(self, tokens: Sequence[int]) -> str:
        shown = [token for token in tokens if token not in self._hidden]
        if self._rust is not None:
            return str(self._rust.decode(shown))
        with self._lock:
            return str(self._tokenizer.decode(shown, clean_up_tokenization_spaces=False))
