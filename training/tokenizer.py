"""The byte-level BPE tokenizer of the bundled model: any text comes back exactly as it was."""

from collections.abc import Iterable, Iterator, Sequence

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from training.stream import Stream
from training.tasks import Example

END_OF_TEXT = "<|endoftext|>"
SAMPLE_CHARACTERS = 12_000_000


def train_tokenizer(streams: Sequence[Stream], vocabulary: int, seed: int, context: int) -> PreTrainedTokenizerFast:
    """Learn `vocabulary` tokens (256 bytes and the end-of-text token among them) from a sample of the mixture."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample(streams, seed), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TEXT,
        bos_token=END_OF_TEXT,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )


def _sample(streams: Sequence[Stream], seed: int) -> Iterator[str]:
    """Yield texts of all streams in the proportions of the mixture, each row at most once."""
    for stream in streams:
        examples: Iterable[str] = (_text(stream.example(seed, number)) for number in range(len(stream.rows)))
        left = SAMPLE_CHARACTERS * stream.share
        for text in examples:
            if left <= 0:
                break
            left -= len(text)
            yield text


def _text(example: Example) -> str:
    return example.prompt + example.answer
