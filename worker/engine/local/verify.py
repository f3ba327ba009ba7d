"""Verifies that a model with our attention gives the logits that it gives with its own, once, when it is loaded."""

from typing import Any

import torch
from torch import Tensor

from worker.engine.compute.arena import Arena
from worker.engine.compute.batch import build_batch
from worker.engine.compute.cpu.packing import can_pack, pack
from worker.engine.compute.cpu.threads import CpuThreads
from worker.engine.errors import ModelLoadError, UnsupportedAttention
from worker.engine.loop.prefix import Extent
from worker.engine.loop.sequence import Sequence
from worker.engine.model.patched_model import PatchedModel

_MAX_TOKENS = 40
_PARTS = (0.3, 0.7, 0.9)
_TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-3}
_HALF_TOLERANCE = 0.1


def patch_model(name: str, model: Any, context_length: int, threads: CpuThreads | None = None) -> PatchedModel:
    """Put our attention into a model, pack its weights where that helps, and verify that it still gives its logits.

    Raises ModelLoadError when it can't be run exactly.
    """
    tokens = sample_tokens(model, context_length)
    expected = expected_logits(model, tokens)
    try:
        patched = PatchedModel(model, threads)
        if can_pack(model):
            pack(model, patched.threads)
        verify_logits(patched, tokens, expected)
    except UnsupportedAttention as error:
        raise ModelLoadError(
            f'The model "{name}" can\'t be run exactly by this engine: {error}. Choose another model, or serve it '
            "with a program that knows it, such as vLLM, and set GPTSTORE_ENGINE_URL: see /docs/remote-engine/ on the "
            "store's site."
        ) from error
    return patched


def sample_tokens(model: Any, context_length: int) -> list[int]:
    """Return tokens to compare on: a few dozen from the whole vocabulary, always the same."""
    vocabulary = model.get_input_embeddings().weight.shape[0]
    count = max(2, min(_MAX_TOKENS, context_length))
    return [(at * 7919 + 13) % vocabulary for at in range(count)]


@torch.inference_mode()
def expected_logits(model: Any, tokens: list[int]) -> Tensor:
    """Return the model's own logits after each of the last tokens: shape (1 or more, vocabulary)."""
    logits: Tensor = model(input_ids=torch.tensor([tokens], device=model.device), use_cache=False).logits[0]
    return logits[_borders(len(tokens))[-1] :].float()


@torch.inference_mode()
def verify_logits(model: PatchedModel, tokens: list[int], expected: Tensor) -> None:
    """Read the tokens in chunks and then one by one, and compare. Raises UnsupportedAttention when logits differ."""
    arena = Arena(model.shapes, len(tokens), model.kv_dtype, model.device)
    model.use_arena(arena)
    sequence = Sequence(tokens=tokens, prompt_length=len(tokens), max_length=len(tokens), reusable=0)
    sequence.extent = Extent(0, len(tokens))
    for border in _borders(len(tokens)):
        sequence.scheduled = border - sequence.read
        model.run(build_batch([sequence], [], arena.device))
        sequence.read = border
    found: list[Tensor] = []
    sequence.scheduled = 1
    while sequence.read < len(tokens):
        found.append(model.run(build_batch([sequence], [0], arena.device, pad=model.pads)))
        sequence.read += 1
    difference = (torch.cat(found).float() - expected).abs()
    scale = max(float(expected.std()), 1e-6)
    tolerance = _TOLERANCE.get(model.model.dtype, _HALF_TOLERANCE)
    if not float(difference.mean()) <= tolerance * scale:
        raise UnsupportedAttention("it gives other results when requests share its attention")


def _borders(count: int) -> list[int]:
    """Return the ends of the chunks; the rest is read token by token."""
    return sorted({max(1, int(count * part)) for part in _PARTS})
