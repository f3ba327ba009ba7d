"""The tokenizer: from prompts to tokens with a Hugging Face tokenizer, safe to use from many threads."""

import logging
from collections.abc import Sequence
from itertools import takewhile
from threading import Lock
from typing import Any

from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel

from worker.engine.errors import BadRequest
from worker.engine.params import SamplingParams
from worker.engine.protocol import Message, Prompt, Thinking
from worker.engine.text.chat_template import ChatTemplate
from worker.engine.text.detokenizer import ByteDetokenizer, ByteTable, Detokenizer, WindowDetokenizer
from worker.engine.text.markers import Markers, find_markers
from worker.engine.text.renaming import rename_tokens
from worker.engine.text.token_bytes import TokenBytes
from worker.engine.thoughts import ThoughtFilter

logger = logging.getLogger(__name__)


class PromptTokenizer:
    """Encodes prompts, applies the chat template, and makes detokenizers.

    Text that looks like a marker, such as <|im_end|>, is encoded as any other text: only a chat template and the
    tokenizer itself place markers. Where their tokens can't be renamed for that, such a text is refused.
    Raises ModelLoadError for a chat template that can't be used.

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
        texts = frozenset(token.content for token in added.values())
        self.template = ChatTemplate(tokenizer, texts) if tokenizer.chat_template else None
        thoughts = {text for pair in self.template.pairs for text in pair} if self.template else set()
        special = {number for number, token in added.items() if token.special} | {*tokenizer.all_special_ids}
        self._hidden = frozenset(special - {number for number, token in added.items() if token.content in thoughts})
        if self._rust is not None and isinstance(self._rust.decoder, ByteLevel):
            self._byte_table = ByteTable(self._rust.id_to_token, self._hidden)
        source = self.template.source if self.template else ""
        self.spell = TokenBytes(tokenizer, self._byte_table, self._hidden, self._decode)
        self._markers = Markers(find_markers(added.values(), tokenizer.all_special_tokens, source))
        ids = tokenizer.convert_tokens_to_ids([*self._markers.names])
        self._marker_ids = frozenset(ids) - {None, tokenizer.unk_token_id}  # any text may have unknown letters
        self._added_markers = self._count_markers(self._encode(self._rust, "", special=True))
        self._renamed = self._rename()

    @property
    def is_chat(self) -> bool:
        """Return whether it has a chat template, so that a prompt can be messages, not only plain text."""
        return self.template is not None

    @property
    def thinking(self) -> Thinking:
        """Return whether the model thinks before it answers, as its chat template says."""
        return self.template.thinking if self.template else "never"

    def encode(self, prompt: Prompt, *, thinking: bool = False, closed: bool = False) -> list[int]:
        """Return the prompt's tokens. Raises BadRequest.

        thinking: have the model think first, if it can. closed: end thoughts that the chat template opens.
        """
        tokens = self._tokens(prompt, thinking=thinking, closed=closed)
        if not tokens:
            raise BadRequest("The prompt is empty.")
        return tokens

    def encode_continued(self, prompt: Prompt, continuation: str) -> tuple[list[int], int]:
        """Return the tokens of a prompt with its continuation, and how many of them are the prompt's alone.

        Where a token spans the border between the two, it counts as the continuation's. Raises BadRequest.
        """
        before, tokens = self.encode(prompt, closed=True), self._tokens(prompt, continuation, closed=True)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, tokens, strict=False)))
        if same == len(tokens):
            raise BadRequest("The continuation is empty.")
        return tokens, max(1, same)

    def detokenizer(self, prompt: Prompt, tokens: Sequence[int]) -> Detokenizer:
        """Return a detokenizer for the tokens after `tokens`, which continue plain text or answer messages."""
        if self._byte_table is not None:
            return ByteDetokenizer(self._byte_table)
        return WindowDetokenizer(self._decode, tokens if isinstance(prompt, str) else ())

    def thoughts(self, prompt: Prompt, params: SamplingParams) -> ThoughtFilter | None:
        """Return what takes thoughts out of the answer to this prompt; None when there can be none.

        A grammar leaves no thoughts to an answer, except those that the prompt opens.
        """
        if self.template is None or isinstance(prompt, str) or not self.template.pairs:
            return None
        opened = self.template.opened([message.role for message in prompt], params.thinking)
        if opened is None and params.is_constrained:
            return None
        return ThoughtFilter(self.template.pairs, opened, is_constrained=params.is_constrained)

    def encode_text(self, text: str) -> list[int]:
        """Return the tokens of a text of the engine's own within an answer, in which markers are markers."""
        return self._encode(self._rust, text, special=False)

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

    def _tokens(
        self, prompt: Prompt, continuation: str = "", *, thinking: bool = False, closed: bool = False
    ) -> list[int]:
        """Return tokens in which each marker is the tokenizer's own or the template's.

        Ordinary text is encoded by the model's own tokenizer, so that it is read as everywhere else.
        """
        is_plain = isinstance(prompt, str)
        if isinstance(prompt, str):
            text = hidden = prompt
        else:
            text, hidden = self._apply_template(prompt, continuation, thinking, closed)
        own = [] if is_plain else self._markers.all_in(hidden)
        if self._markers.all_in(text + continuation) == own:
            tokens = self._encode(self._rust, text + continuation, special=is_plain)
            if self._count_markers(tokens) <= len(own) + is_plain * self._added_markers:
                return tokens
        if self._renamed is None:
            raise BadRequest("The text holds a special token, which this model's tokenizer can't read as text.")
        safe = hidden if is_plain else self._markers.show(self._markers.rename(hidden))
        return self._encode(self._renamed, safe + continuation, special=is_plain)

    def _apply_template(
        self, messages: Sequence[Message], continuation: str, thinking: bool, closed: bool
    ) -> tuple[str, str]:
        """Apply the chat template, also to messages whose contents are hidden so far that they hold no marker."""
        if self.template is None:
            raise BadRequest("This model takes plain text only: it has no chat template for messages.")
        text = self.template.render(messages, thinking=thinking, closed=closed)
        if not any(map(self._markers.can_forge, [*(message.content for message in messages), continuation])):
            return text, text
        safe = [Message(message.role, self._markers.hide(message.content)) for message in messages]
        return text, self.template.render(safe, thinking=thinking, closed=closed)

    def _count_markers(self, tokens: Sequence[int]) -> int:
        return sum(map(self._marker_ids.__contains__, tokens))

    def _encode(self, rust: Tokenizer | None, text: str, *, special: bool) -> list[int]:
        if rust is not None:
            # `encode` would keep all other threads waiting, the engine's among them: 0.7 s for a text of a megabyte.
            return list(rust.encode_batch_fast([text], add_special_tokens=special)[0].ids)
        with self._lock:
            return list(self._tokenizer.encode(text, add_special_tokens=special))

    def _decode(self, tokens: Sequence[int]) -> str:
        shown = [token for token in tokens if token not in self._hidden]
        if self._rust is not None:
            return str(self._rust.decode(shown, skip_special_tokens=False))
        with self._lock:
            return str(self._tokenizer.decode(shown, clean_up_tokenization_spaces=False))
