"""A model's vocabulary as a grammar needs it: the text of each token, and which tokens are never shown."""

from collections.abc import Iterable
from typing import Any

import torch
from llguidance import LLTokenizer
from tokenizers import Tokenizer
from torch import Tensor

_OWN_END = "<|end of a constrained text|>"


class Vocabulary:
    """The tokens of a fast tokenizer, for a model whose logits are `size` wide.

    llguidance wants a token that ends a text, which not every model has. So it gets one that no model can generate,
    and the model's own `ends` are allowed here. Tokens that are never shown, such as `<s>`, are never allowed.

    Raises ValueError, or an exception of llguidance or tokenizers, for a tokenizer that they can't read.
    """

    def __init__(self, tokenizer: Any, size: int, ends: frozenset[int]) -> None:
        rust = getattr(tokenizer, "backend_tokenizer", None)
        if rust is None:
            raise ValueError("it is not one of the fast tokenizers")
        self.size = size
        self.ends = frozenset(end for end in ends if end < size)
        self._rust = rust
        copy = self._copy()
        setup = self.describe()
        self.trie = LLTokenizer(setup["tokenizer"], n_vocab=setup["size"], eos_token=[setup["end"]])
        self._ends = self._index(self.ends)
        added = {number for number, token in copy.get_added_tokens_decoder().items() if token.special}
        self._hidden = self._index({*tokenizer.all_special_ids, *added})
        self._hidden_names = tuple(filter(None, map(copy.id_to_token, {*tokenizer.all_special_ids, *added})))

    def describe(self) -> dict[str, Any]:
        """Return all that llguidance's tokenizer is made of: its JSON, its size and its end."""
        copy = self._copy()
        own_end = copy.token_to_id(_OWN_END)
        assert own_end is not None
        return {"tokenizer": copy.to_str(), "size": max(self.size, own_end + 1), "end": own_end}

    def _copy(self) -> Tokenizer:
        copy = Tokenizer.from_str(self._rust.to_str())
        copy.add_special_tokens([_OWN_END])
        return copy

    def can_spell(self, text: str) -> bool:
        """Return whether allowed tokens can make this text. The name of a hidden token, such as "<s>", is not text."""
        try:
            spelt = self.trie.decode_bytes(self.trie.greedy_tokenize(text)) == text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            return False
        return spelt and not any(name in text for name in self._hidden_names)

    def allow(self, marks: bytes, ends: bool) -> Tensor:
        """Return a bool mask of shape (size,). marks: a byte for each token, 0 where it is not allowed."""
        mask = torch.frombuffer(bytearray(marks), dtype=torch.uint8)[: self.size] > 0
        mask[self._hidden] = False
        mask[self._ends] = ends
        return mask

    def _index(self, tokens: Iterable[int]) -> Tensor:
        return torch.tensor(sorted({token for token in tokens if token < self.size}), dtype=torch.long)
