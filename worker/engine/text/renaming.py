"""Renames added tokens of a fast tokenizer: a copy with the same ids that finds them by other texts."""

import json
from collections.abc import Mapping
from typing import Any

from tokenizers import Tokenizer


def rename_tokens(tokenizer: Tokenizer, names: Mapping[str, str]) -> Tokenizer:
    """Return a copy that reads the new names as these tokens, and the old ones as any other text.

    Raises ValueError when a token would get another id.
    """
    state = json.loads(tokenizer.to_str())
    for token in state["added_tokens"]:
        token["content"] = names.get(token["content"], token["content"])
    _rename_in_model(state["model"], names)
    renamed: Tokenizer = Tokenizer.from_str(json.dumps(state))
    for old, new in names.items():
        if renamed.token_to_id(new) != tokenizer.token_to_id(old):
            raise ValueError(f"the token {old!r} can't be renamed")
    return renamed


def _rename_in_model(model: dict[str, Any], names: Mapping[str, str]) -> None:
    """Rename entries of the vocabulary, which a model would otherwise find in a text that no added token splits."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):  # Unigram: pairs of a piece and its score
        model["vocab"] = [[names.get(piece, piece), score] for piece, score in vocabulary]
    else:
        model["vocab"] = {names.get(piece, piece): number for piece, number in vocabulary.items()}
    if model.get("unk_token") in names:
        model["unk_token"] = names[model["unk_token"]]
    if "merges" in model:
        prefix = model.get("continuing_subword_prefix") or ""
        model["merges"] = [
            [left, right]
            for left, right in model["merges"]
            if not names.keys() & {left, right, left + right.removeprefix(prefix)}
        ]
