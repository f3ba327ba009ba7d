"""Draws tokenized documents from the streams in their shares, always in the same order."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from transformers import PreTrainedTokenizerFast

from worker.mini.streams import Stream
from worker.mini.tasks import Example

PROMPT_WEIGHT = 0.2
DRAWN_AT_ONCE = 128


@dataclass(frozen=True)
class Document:
    """Token ids that end with end-of-text, and for each the weight of its loss (the first has none)."""

    ids: list[int]
    weights: list[float]

    def __len__(self) -> int:
        return len(self.ids)


def tokenize(examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, context: int) -> list[Document]:
    """One document per example; plain text longer than `context` in equal parts, longer task examples left out.

    Prompt and answer are tokenized apart, since a tool sends the prompt alone.
    """
    prompts = _encode(tokenizer, [example.prompt for example in examples])
    answers = _encode(tokenizer, [example.answer for example in examples])
    documents: list[Document] = []
    for prompt, answer in zip(prompts, answers, strict=True):
        ids = [*prompt, *answer, tokenizer.eos_token_id]
        weights = [PROMPT_WEIGHT] * len(prompt) + [1.0] * (len(answer) + 1)
        if len(ids) <= context or not prompt:
            documents += _parts(ids, weights, context)
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


class Mixture:
    """An endless sequence of documents. `state` and `restore` let a later process continue it."""

    def __init__(self, streams: Sequence[Stream], tokenizer: PreTrainedTokenizerFast, context: int, seed: int) -> None:
        self._streams = {stream.name: stream for stream in streams}
        self._tokenizer, self._context, self._seed = tokenizer, context, seed
        self.restore({stream.name: (0, 0) for stream in streams})

    def state(self) -> dict[str, tuple[int, int]]:
        """Per stream: examples drawn and tokens served."""
        return {name: (self._drawn[name], self._served[name]) for name in self._streams}

    def restore(self, state: dict[str, tuple[int, int]]) -> None:
        """Continues after `state`, but for documents that had been drawn and not yet used."""
        self._drawn = {name: drawn for name, (drawn, _) in state.items()}
        self._served = {name: served for name, (_, served) in state.items()}
        self._examples = {name: s.examples(self._seed, self._drawn[name]) for name, s in self._streams.items()}
        self._queues: dict[str, deque[Document]] = {name: deque() for name in self._streams}

    def next(self) -> Document:
        """A document of the stream that is furthest behind its share."""
        name = min(self._streams, key=lambda name: self._served[name] / self._streams[name].share)
        queue = self._queues[name]
        while not queue:
            examples = list(islice(self._examples[name], DRAWN_AT_ONCE))
            self._drawn[name] += len(examples)
            queue.extend(tokenize(examples, self._tokenizer, self._context))
        document = queue.popleft()
        self._served[name] += len(document)
        return document
