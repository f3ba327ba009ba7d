"""Held-out loss per stream. A later, wider evaluation of answers belongs here too."""

from collections.abc import Sequence

import torch
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

from worker.mini.mixture import Document, tokenize
from worker.mini.model import loss_sum
from worker.mini.packing import collate
from worker.mini.streams import Stream

EXAMPLES = 40


def held_out_losses(
    model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, streams: Sequence[Stream], context: int
) -> dict[str, float]:
    """Mean loss in nats per answer token (plain text: per token) on held-out examples of each stream."""
    losses: dict[str, float] = {}
    for stream in streams:
        documents = tokenize(stream.held_out_examples(EXAMPLES), tokenizer, context)
        if documents:
            losses[stream.name] = _mean_loss(model, [_answer_only(document) for document in documents])
    return losses


def _answer_only(document: Document) -> Document:
    return Document(document.ids, [1.0 if weight == 1.0 else 0.0 for weight in document.weights])


@torch.no_grad()
def _mean_loss(model: GPT2LMHeadModel, documents: list[Document]) -> float:
    total = weight = 0.0
    for document in documents:
        batch = collate([[document]], len(document))
        total += float(loss_sum(model, batch))
        weight += float(batch.weights.sum())
    return total / weight
