"""The architecture of the bundled model (GPT-2), its loss and its files."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from worker.mini.packing import Batch


@dataclass(frozen=True)
class Shape:
    """Sizes of the model: tokens in the vocabulary, width, layers, attention heads, longest input in tokens."""

    vocabulary: int = 5120
    width: int = 192
    layers: int = 4
    heads: int = 4
    context: int = 1024


def build_model(shape: Shape, end_of_text: int) -> GPT2LMHeadModel:
    """A new model with random weights (seed torch before) and tied input and output embeddings."""
    config = GPT2Config(
        vocab_size=shape.vocabulary,
        n_positions=shape.context,
        n_embd=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
        activation_function="gelu_pytorch_tanh",
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=end_of_text,
        eos_token_id=end_of_text,
    )
    config.update({"gptstore_demo": True, "gptstore_name": "gptstore-mini"})
    return GPT2LMHeadModel(config)


def loss_sum(model: GPT2LMHeadModel, batch: Batch) -> Tensor:
    """The sum of the weighted cross-entropies (nats) of the batch. Divide it by the sum of the weights."""
    hidden = model.transformer(
        batch.ids, attention_mask=batch.attention_mask(), position_ids=batch.positions, use_cache=False
    ).last_hidden_state
    predicted = batch.weights[:, 1:] > 0
    logits = model.lm_head(hidden[:, :-1][predicted])
    losses = cross_entropy(logits.float(), batch.ids[:, 1:][predicted], reduction="none")
    return torch.dot(losses, batch.weights[:, 1:][predicted])


def save_model(
    folder: Path, shape: Shape, weights: dict[str, Tensor], tokenizer: PreTrainedTokenizerFast, report: dict[str, Any]
) -> None:
    """Writes a folder that the Auto classes load: bf16 safetensors, config, tokenizer, and report as training.json.

    A folder that is there is replaced only when the new one is complete.
    """
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    model = build_model(shape, tokenizer.eos_token_id)
    model.load_state_dict(weights)
    model.bfloat16().save_pretrained(new)
    tokenizer.save_pretrained(new)
    _write_compactly(new / "tokenizer.json")
    report = {"shape": asdict(shape), "parameters": model.num_parameters(), **report}
    (new / "training.json").write_text(json.dumps(report, indent=2) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)


def _write_compactly(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()), ensure_ascii=False, separators=(",", ":")))
