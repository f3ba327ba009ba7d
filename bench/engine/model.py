"""A model with random weights, which is as fast as a trained one of its shape, and a tokenizer of the same size.

`python -m bench.engine.model FOLDER` makes the one that is measured, so that a server can run it too.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, GPT2Config, PreTrainedTokenizerFast
from transformers import logging as transformers_logging

END = "<|endoftext|>"
SPACE = "Ġ"
"""The space before a word in a byte-level vocabulary."""


@dataclass(frozen=True)
class Shape:
    """The size of a GPT-2."""

    layers: int
    width: int
    heads: int
    vocabulary: int
    context: int = 1024


GPT2_124M = Shape(layers=12, width=768, heads=12, vocabulary=50257)
TINY = Shape(layers=2, width=64, heads=2, vocabulary=2048)


def save_model(folder: Path, shape: Shape, dtype: torch.dtype, seed: int = 0) -> Path:
    """Make a model that never ends a text by itself, and its tokenizer, in a folder that transformers can load."""
    transformers_logging.disable_progress_bar()
    PreTrainedTokenizerFast(tokenizer_object=make_tokenizer(shape.vocabulary)).save_pretrained(folder)
    config = GPT2Config(
        vocab_size=shape.vocabulary,
        n_positions=shape.context,
        n_embd=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
        bos_token_id=None,
        eos_token_id=None,
    )
    torch.manual_seed(seed)
    AutoModelForCausalLM.from_config(config).to(dtype).save_pretrained(folder)
    return folder


def make_tokenizer(vocabulary: int) -> Tokenizer:
    """Make a tokenizer of GPT-2's kind, with made-up words: all bytes, " a" to " z", " aa" to " zz", … and the end.

    Every word of the vocabulary is one token in a text.
    """
    pieces = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = list(islice(_words(), vocabulary - len(pieces) - 1))
    ranks = {piece: rank for rank, piece in enumerate([*pieces, *words])}
    tokenizer = Tokenizer(models.BPE(ranks, [(word[:-1], word[-1]) for word in words]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([END])
    return tokenizer


def _words() -> Iterator[str]:
    length = 1
    while True:
        yield from (SPACE + "".join(letters) for letters in product(ascii_lowercase, repeat=length))
        length += 1


if __name__ == "__main__":
    save_model(Path(sys.argv[1]), GPT2_124M, torch.bfloat16)
