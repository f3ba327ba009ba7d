"""The architecture of the bundled model (Qwen3), its loss and its files."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from training.packing import Batch


@dataclass(frozen=True)
class Shape:
    """Sizes of the model: tokens in the vocabulary, width, width inside the feed-forward layers, layers, attention
    heads, longest input in tokens."""

    vocabulary: int
    width: int
    inner: int
    layers: int
    heads: int
    context: int = 1024


def build_model(shape: Shape, end_of_text: int) -> Qwen3ForCausalLM:
    """Build a new model with random weights (seed torch before) and tied input and output embeddings."""
    config = Qwen3Config(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        head_dim=shape.width // shape.heads,
        max_position_embeddings=shape.context,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        tie_word_embeddings=True,
        bos_token_id=end_of_text,
        eos_token_id=end_of_text,
        pad_token_id=None,
    )
    config.update({"gptstore_demo": True, "gptstore_name": "gptstore-mini"})
    return Qwen3ForCausalLM(config)


def drop_while_training(model: Qwen3ForCausalLM, share: float) -> None:
    """Set this share of what each layer adds to zero, in training only: the class has no such setting of its own."""

    def drop_attention(module: nn.Module, inputs: Any, output: tuple[Tensor, Any]) -> tuple[Tensor, Any]:
        return dropout(output[0], share, module.training), *output[1:]

    def drop(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        return dropout(output, share, module.training)

    for layer in model.model.layers:
        layer.self_attn.register_forward_hook(drop_attention)
        layer.mlp.register_forward_hook(drop)


def loss_sum(model: Qwen3ForCausalLM, batch: Batch) -> Tensor:
    """Return the sum of the weighted cross-entropies (nats) of the batch. Divide it by the sum of the weights."""
    same = batch.documents[:, None, :, None] == batch.documents[:, None, None, :]
    hidden = model.model(
        batch.ids, attention_mask=same.tril(), position_ids=batch.positions, use_cache=False
    ).last_hidden_state
    logits = model.lm_head(hidden[:, :-1]).flatten(0, 1)
    losses = cross_entropy(logits.float(), batch.ids[:, 1:].flatten(), reduction="none")
    return torch.dot(losses, batch.weights[:, 1:].flatten())


def save_model(
    folder: Path, shape: Shape, weights: dict[str, Tensor], tokenizer: PreTrainedTokenizerFast, report: dict[str, Any]
) -> None:
    """Write a folder that the Auto classes load: bf16 safetensors, config, tokenizer, and report as training.json.

    A folder that is there is replaced only when the new one is complete, but keeps what belongs to no model, such as
    its card and its licences.
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
    _keep_others(folder, new)
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)


def _keep_others(folder: Path, new: Path) -> None:
    """Copy the files of a folder that a model replaces, but none of its weights."""
    for path in folder.glob("*"):
        if path.is_file() and not (new / path.name).exists() and ".safetensors" not in path.name:
            shutil.copy2(path, new)


def _write_compactly(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()), ensure_ascii=False, separators=(",", ":")))
