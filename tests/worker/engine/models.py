"""Tiny models with random weights, small enough to make in a test run."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, PreTrainedConfig, PreTrainedTokenizerFast

END = "<|endoftext|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
CORPUS = [
    "The quick brown fox jumps over the lazy dog. It was a bright cold day in April, and the clocks struck thirteen.",
    "你好，世界。今天天气很好，我们去公园散步吧。",
    "Smile 😀 and wave 👋🏽, the family 👨‍👩‍👧 is here. Grüße aus Köln, très élégant, niño.",
]


def byte_level_tokenizer(vocabulary: int = 400) -> Tokenizer:
    """GPT-2's kind: every token is a few bytes of UTF-8."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[END],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def metaspace_tokenizer(vocabulary: int = 200) -> Tokenizer:
    """SentencePiece's kind, as in Llama 2: spaces are part of tokens, unknown characters fall back to bytes."""
    learned = Tokenizer(models.BPE())
    learned.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    learned.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    learned.train_from_iterator(CORPUS[:1], trainers.BpeTrainer(vocab_size=vocabulary, show_progress=False))
    state = json.loads(learned.to_str())["model"]

    special = ["<unk>", "<s>", "</s>"]
    pieces = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *state["vocab"]]
    merges = [tuple(pair) for pair in state["merges"]]
    ranks = {piece: rank for rank, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(ranks, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer, tokenizer.pre_tokenizer = learned.normalizer, learned.pre_tokenizer
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(special)
    return tokenizer


def save_gpt2(folder: Path) -> Path:
    """A GPT-2 with a byte-level tokenizer, without a chat template. It never ends a text by itself."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level_tokenizer())
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=128,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=None,
        eos_token_id=None,
        initializer_range=0.6,
    )
    return _save(folder, config, tokenizer)


def save_llama(folder: Path) -> Path:
    """A Llama with grouped heads, a SentencePiece-like tokenizer and a chat template. It never ends a text either."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=metaspace_tokenizer(), bos_token="<s>", unk_token="<unk>")
    tokenizer.chat_template = CHAT_TEMPLATE
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=128,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=None,
        initializer_range=0.4,
    )
    return _save(folder, config, tokenizer, rare=259)


def _save(folder: Path, config: PreTrainedConfig, tokenizer: PreTrainedTokenizerFast, rare: int = 0) -> Path:
    """Save a model that hardly ever says the first `rare` tokens, such as single bytes."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        model.lm_head.weight[:rare] = 0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
