"""The held-out loss per stream: the figure that a training reports by itself."""

from collections.abc import Sequence

import torch
from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

from training.documents import Document, tokenize
from training.model import loss_sum
from training.packing import collate
from training.stream import Stream

EXAMPLES = 40


def held_out_losses(
    model: Qwen3ForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    streams: Sequence[Stream],
    context: int,
    device: torch.device,
) -> dict[str, float]:
    """Return the mean loss in nats per answer token (plain text: per token) on each stream's held-out examples."""
    model.eval()
    losses: dict[str, float] = {}
    for stream in streams:
        documents = tokenize(stream.held_out_examples(EXAMPLES), tokenizer, context)
        if documents:
            losses[stream.name] = round(_mean_loss(model, [_answer_only(each) for each in documents], device), 3)
    return losses


def _answer_only(document: Document) -> Document:
    weights = [float(place > 0 and place >= document.prompt) for place in range(len(document))]
    return Document(document.ids, weights, document.prompt)


@torch.no_grad()
def _mean_loss(model: Qwen3ForCausalLM, documents: list[Document], device: torch.device) -> float:
    total = weight = 0.0
    for document in documents:
        batch = collate([[document]], len(document)).to(device)
        total += float(loss_sum(model, batch))
        weight += float(batch.weights.sum())
    return total / weight
