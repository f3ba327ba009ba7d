"""Whether a model says under our attention what it says under its own. Checked once, when it is loaded."""

from typing import Any

import torch
from torch import Tensor

from worker.engine.compute.arena import Arena
from worker.engine.compute.batch import arrange, build
from worker.engine.loop.prefix import Extent
from worker.engine.loop.scheduler import Chunk
from worker.engine.loop.sequence import Sequence
from worker.engine.model.attention import Unsupported
from worker.engine.model.patched_model import Network

_LONGEST = 40
_PARTS = (0.3, 0.7, 0.9)
_TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-3}
_HALF_TOLERANCE = 0.1


def sample_tokens(model: Any, context_length: int) -> list[int]:
    """Tokens to compare on: a few dozen, of all kinds, always the same."""
    vocabulary = model.get_input_embeddings().weight.shape[0]
    count = max(2, min(_LONGEST, context_length))
    return [(at * 7919 + 13) % vocabulary for at in range(count)]


@torch.inference_mode()
def expected_logits(model: Any, tokens: list[int]) -> Tensor:
    """What the model itself says after each of the last tokens: shape (1 or more, vocabulary)."""
    logits: Tensor = model(input_ids=torch.tensor([tokens], device=model.device), use_cache=False).logits[0]
    return logits[_borders(len(tokens))[-1] :].float()


@torch.inference_mode()
def check_exact(network: Network, tokens: list[int], expected: Tensor) -> None:
    """Read the tokens in chunks and then one by one, and compare. Raises Unsupported when the logits differ."""
    arena = Arena(network.shapes, len(tokens), network.kv_dtype, network.device)
    network.adopt(arena)
    sequence = Sequence(tokens=tokens, prompt_length=len(tokens), longest=len(tokens), reusable=0)
    sequence.extent = Extent(0, len(tokens))
    borders = _borders(len(tokens))
    for start, end in zip([0, *borders], borders, strict=False):
        network.run(build([Chunk(sequence, start, end - start)], [], arena.device))
    found = [
        network.run(build(arrange([Chunk(sequence, at, 1)]), [0], arena.device, pad=network.pads))
        for at in range(borders[-1], len(tokens))
    ]
    difference = (torch.cat(found).float() - expected).abs()
    scale = max(float(expected.std()), 1e-6)
    tolerance = _TOLERANCE.get(network.model.dtype, _HALF_TOLERANCE)
    if not float(difference.mean()) <= tolerance * scale:
        raise Unsupported("it gives other results when requests share its attention")


def _borders(count: int) -> list[int]:
    """Where chunks end; the rest is read token by token."""
    return sorted({max(1, int(count * part)) for part in _PARTS})
