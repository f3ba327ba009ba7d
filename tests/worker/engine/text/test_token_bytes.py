"""The bytes of single tokens, in vocabularies of several kinds."""

import pytest
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from tests.worker.engine.models import END, byte_level_tokenizer, metaspace_tokenizer
from worker.engine.text.tokenizer import PromptTokenizer

WORD_PIECES = ["[UNK]", "the", "##ing", "[SEP]", "sing"]


def word_piece_tokenizer() -> Tokenizer:
    """Return BERT's kind: a token that goes on with a word begins with ##."""
    pieces = {piece: number for number, piece in enumerate(WORD_PIECES)}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer.add_special_tokens(["[UNK]", "[SEP]"])
    return tokenizer


@pytest.mark.parametrize(
    ("made", "name", "expected"),
    [
        (byte_level_tokenizer, "Ġ", b" "),
        (byte_level_tokenizer, "Ċ", b"\n"),
        (byte_level_tokenizer, "ä", b"\xe4"),
        (byte_level_tokenizer, END, END.encode()),
        (metaspace_tokenizer, "▁the", b" the"),
        (metaspace_tokenizer, "▁", b" "),
        (metaspace_tokenizer, "o", b"o"),
        (metaspace_tokenizer, "<0xE4>", b"\xe4"),
        (metaspace_tokenizer, "</s>", b"</s>"),
        (word_piece_tokenizer, "the", b" the"),
        (word_piece_tokenizer, "##ing", b"ing"),
        (word_piece_tokenizer, "[SEP]", b"[SEP]"),
    ],
)
def test_a_token_has_the_bytes_of_its_part_of_a_text_and_a_special_one_its_name(made, name, expected) -> None:  # type: ignore[no-untyped-def]
    fast = PreTrainedTokenizerFast(tokenizer_object=made())

    spell = PromptTokenizer(fast).spell

    assert spell(fast.convert_tokens_to_ids(name)) == expected
