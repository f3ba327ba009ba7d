"""Examples as token ids with the weight of each token's loss."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerFast

from training.tasks import Example

PROMPT_WEIGHT = 0.1


@dataclass(frozen=True)
class Document:
    """Token ids that end with end-of-text, and for each the weight of its loss (the first has none).

    prompt: how many of the tokens are the prompt's.
    """

    ids: list[int]
    weights: list[float]
    prompt: int = 0

    def __len__(self) -> int:
        return len(self.ids)


def tokenize(examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, context: int) -> list[Document]:
    """Return one document per example; plain text longer than `context` in equal parts, longer task examples left out.

    Prompt and answer are tokenized apart, since a tool sends the prompt alone.
    """
    prompts = _encode(tokenizer, [example.prompt for example in examples])
    answers = _encode(tokenizer, [example.answer for example in examples])
    documents: list[Document] = []
    for example, prompt, answer in zip(examples, prompts, answers, strict=True):
        ids = [*prompt, *answer, tokenizer.eos_token_id]
        weights = [PROMPT_WEIGHT] * len(prompt) + [example.weight] * (len(answer) + 1)
        if not prompt:
            documents += _parts(ids, weights, context)
        elif len(ids) <= context:
            documents.append(Document(ids, [0.0, *weights[1:]], len(prompt)))
    return documents


def _encode(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> list[list[int]]:
    return [encoding.ids for encoding in tokenizer.backend_tokenizer.encode_batch(texts)]


def _parts(ids: list[int], weights: list[float], context: int) -> list[Document]:
    count = -(-len(ids) // context)
    size = -(-len(ids) // count)
    return [
        Document(ids[start : start + size], [0.0, *weights[start + 1 : start + size]])
        for start in range(0, len(ids), size)
    ]
