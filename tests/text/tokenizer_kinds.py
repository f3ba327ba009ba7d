"""Tokenizers of four kinds, trained on a few sentences."""

import json

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from tests.worker.engine.models import CORPUS, byte_level_tokenizer, metaspace_tokenizer

LOWER_CASE = [text.lower() for text in CORPUS]


def unigram() -> Tokenizer:
    """SentencePiece's Unigram, as in Gemma's and T5's, with bytes for unknown characters."""
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    learned = Tokenizer(models.Unigram())
    learned.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    trainer = trainers.UnigramTrainer(vocab_size=200, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False)
    learned.train_from_iterator([*CORPUS, *LOWER_CASE], trainer)
    pieces = [(piece, score) for piece, score in _pieces(learned) if piece != "<unk>"]
    vocabulary = [("<unk>", 0.0), *((byte, -20.0) for byte in bytes_), *pieces]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Replace("▁", " "), decoders.Fuse()])
    return tokenizer


def word_piece() -> Tokenizer:
    """BERT's kind: lower case, whole words, and no white space."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator([*CORPUS, "< | > [ ] / s _ im start end sep system user assistant"], trainer)
    return tokenizer


def _pieces(tokenizer: Tokenizer) -> list[tuple[str, float]]:
    return [(piece, score) for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]]


KINDS = {
    "byte-level BPE": byte_level_tokenizer,
    "BPE with byte fallback": metaspace_tokenizer,
    "Unigram with byte fallback": unigram,
    "WordPiece": word_piece,
}
