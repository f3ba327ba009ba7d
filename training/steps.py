"""The data of each step of the training: a fixed number of examples of each stream, packed into fixed shapes."""

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import DataLoader, Dataset
from transformers import PreTrainedTokenizerFast

from training.documents import Document, tokenize
from training.packing import Batch, pack
from training.stream import Stream

SAMPLE = 200
LAID_OUT_FROM = 4
FILLED = 0.97


class Steps(Dataset[list[Batch]]):
    """Step n as one batch per row length. It depends on the seed and n alone: any process can make any step.

    tokens: about how many tokens a step has; lengths: the lengths of rows, in tokens, the longest of them the context.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        tokenizer: PreTrainedTokenizerFast,
        tokens: int,
        lengths: Sequence[int],
        seed: int,
    ) -> None:
        self._streams, self._tokenizer, self._seed = streams, tokenizer, seed
        self._context = max(lengths)
        self._per_step = {stream.name: stream.share * tokens / self._mean_tokens(stream) for stream in streams}
        self._rows = self._lay_out(lengths)

    def __getitem__(self, step: int) -> list[Batch]:
        return pack(self._draw(step), self._rows)[0]

    def _draw(self, step: int) -> list[Document]:
        examples = [
            stream.example(self._seed, number)
            for stream in self._streams
            for number in range(self._number(stream, step), self._number(stream, step + 1))
        ]
        return tokenize(examples, self._tokenizer, self._context)

    def _number(self, stream: Stream, step: int) -> int:
        """Return how many examples of the stream the steps before this one have taken."""
        return int(self._per_step[stream.name] * step)

    def _mean_tokens(self, stream: Stream) -> float:
        examples = [stream.example(self._seed, number) for number in range(min(SAMPLE, len(stream.rows)))]
        documents = tokenize(examples, self._tokenizer, self._context)
        return max(sum(map(len, documents)) / len(examples), 1.0)

    def _lay_out(self, lengths: Sequence[int]) -> dict[int, int]:
        """Return how many rows of each length the first steps fill nearly to the end."""
        tokens = dict.fromkeys(sorted(lengths), 0)
        for document in (document for step in range(LAID_OUT_FROM) for document in self._draw(step)):
            tokens[next(length for length in tokens if len(document) <= length)] += len(document)
        used = {length for length, total in tokens.items() if total} | {self._context}
        return {length: max(1, round(FILLED * tokens[length] / LAID_OUT_FROM / length)) for length in used}


def load_steps(steps: Steps, first: int, processes: int) -> Iterator[list[Batch]]:
    """Yield the steps from number `first` on without end, made ahead by so many processes; 0 makes them in this one."""
    loader = DataLoader(
        steps,
        batch_size=None,
        sampler=range(first, 10**9),
        num_workers=processes,
        worker_init_fn=_begin if processes else None,
        prefetch_factor=4 if processes else None,
    )
    return iter(loader)


def _begin(process: int) -> None:
    torch.set_num_threads(1)
