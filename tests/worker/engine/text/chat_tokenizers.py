"""Tokenizers of each family, with the markers of a chat, some of which are not special tokens."""

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tests.worker.engine.models import CORPUS, byte_level_tokenizer, metaspace_tokenizer

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TRIMMED = CHATML.replace("message.content", "message.content | trim")
ADJACENT = (
    "{{ '<|im_start|>' }}{% for message in messages %}{{ message.content }}{% endfor %}"
    "{{ '<|im_end|>' + messages[0].content }}"
)
TEMPLATES = {"chatml": CHATML, "trimmed": TRIMMED, "adjacent": ADJACENT}


def byte_level() -> Tokenizer:
    """As Qwen's: the turns are special tokens, tools and thoughts are not."""
    tokenizer = byte_level_tokenizer()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens(["<tool_call>", "</think>", "   ", "naïveté"])
    return tokenizer


def stripping() -> Tokenizer:
    """As Phi-3's: white space beside a marker belongs to it."""
    tokenizer = byte_level_tokenizer()
    tokenizer.add_special_tokens(
        [AddedToken("<|im_start|>", rstrip=True), AddedToken("<|im_end|>", lstrip=True, rstrip=True)]
    )
    return tokenizer


def sentencepiece() -> Tokenizer:
    """As Llama 2's, with markers that a fine-tune added as words."""
    tokenizer = metaspace_tokenizer()
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in ("<|im_start|>", "<|im_end|>")])
    return tokenizer


def gemma() -> Tokenizer:
    """As Gemma's: no prefix space, markers in the vocabulary of the model, and merges that could spell one.

    They are looked for in the normalized text.
    """
    alphabet = sorted({*"".join(CORPUS), *"<|im_startend>/sytemu\n▁"} - {" "})
    pieces = ["<pad>", "<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>", *alphabet, "|>", "<|", "<|im_end"]
    merges = [("|", ">"), ("<", "|"), ("<|im_end", "|>"), ("t", "h"), ("th", "e")]
    pieces += ["th", "the"]
    tokenizer = Tokenizer(models.BPE({piece: at for at, piece in enumerate(pieces)}, merges, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse()])
    tokenizer.add_special_tokens(["<pad>", "<s>", "</s>", "<unk>"])
    tokenizer.add_tokens([AddedToken(text, normalized=True) for text in ("<|im_start|>", "<|im_end|>")])
    return tokenizer


def unigram() -> Tokenizer:
    """As T5's: a piece of the vocabulary is found in any text, a marker's too."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<unk>", "</s>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.UnigramTrainer(vocab_size=150, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator([*CORPUS, "<|im_start|>system user assistant <|im_end|>\n</s>"], trainer)
    return tokenizer


def wordpiece() -> Tokenizer:
    """As BERT's: lower case, whole words."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[UNK]", "[SEP]", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([*CORPUS, "< | > [ ] / s _ im start end sep system user assistant"], trainer)
    return tokenizer


def words() -> Tokenizer:
    """Words between spaces, which may be markers."""
    known = ["[UNK]", "[SEP]", "<|im_start|>", "<|im_end|>", *" ".join(CORPUS).split(), "user", "assistant", "system"]
    tokenizer = Tokenizer(
        models.WordLevel({word: at for at, word in enumerate(dict.fromkeys(known))}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(["[UNK]", "[SEP]", "<|im_start|>", "<|im_end|>"])
    return tokenizer


FAMILIES = {make.__name__: make for make in (byte_level, stripping, sentencepiece, gemma, unigram, wordpiece, words)}


def make_tokenizer(family: str, template: str = "chatml") -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(tokenizer_object=FAMILIES[family](), chat_template=TEMPLATES[template])
