"""The perplexity of held-out prose. Texts are cut by characters, so that all models read the same ones."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from training.evaluation.answers import score_texts
from training.evaluation.skill import Figures
from training.stream import Stream
from worker.engine.protocol import Engine

LIMIT = 100
MAX_CHARACTERS = 1500
COUNTED = 1000


@dataclass(frozen=True)
class Window:
    """A piece of prose; its beginning is given, and not scored."""

    begun: str
    rest: str


def read_windows(stream: Stream, limit: int = LIMIT) -> list[Window]:
    return [window for (text,) in stream.held_out[:limit] for window in _cut(text.strip())]


def _cut(text: str) -> Iterator[Window]:
    while len(text) > 1:
        end = len(text) if len(text) <= MAX_CHARACTERS else text.rfind(" ", 1, MAX_CHARACTERS)
        piece, text = text[:end], text[end:].lstrip()
        begun, space, rest = piece.partition(" ")
        if rest:
            yield Window(begun, space + rest)


def perplexity(engine: Engine, windows: Sequence[Window]) -> Figures:
    scores = score_texts(engine, [(window.begun, window.rest) for window in windows])
    return _figures(windows, -sum(map(sum, scores)), sum(map(len, scores)))


def unigram_perplexity(folder: Path, stream: Stream, windows: Sequence[Window]) -> Figures:
    """Return the figures of unigrams: each token as likely as it is frequent in the first rows for training."""
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    counts: Counter[int] = Counter()
    for (text,) in stream.rows[:COUNTED]:
        counts.update(tokenizer.encode(text, verbose=False))
    total = counts.total() + len(tokenizer)
    ids = [token for window in windows for token in tokenizer.encode(window.rest)]
    nats = -sum(math.log((counts[token] + 1) / total) for token in ids)
    return _figures(windows, nats, len(ids))


def _figures(windows: Sequence[Window], nats: float, tokens: int) -> Figures:
    """Return perplexity and bits per byte. Only the latter compares models with other tokenizers."""
    size = sum(len(window.rest.encode()) for window in windows)
    return {
        "perplexity": math.exp(nats / tokens) if tokens else 0.0,
        "bits_per_byte": nats / math.log(2) / size if size else 0.0,
    }
