"""From a loaded transformers model to a network: checked to say what the model says, and laid out for the device."""

import logging
from typing import Any

from worker.engine.compute.cpu.packing import can_pack, pack
from worker.engine.errors import ModelLoadError
from worker.engine.local.verify import check_exact, expected_logits, sample_tokens
from worker.engine.model.attention import Unsupported
from worker.engine.model.patched_model import Network

logger = logging.getLogger(__name__)


def open_network(name: str, model: Any, context_length: int, threads: int | None = None) -> Network:
    """Put our attention into a model. Raises ModelLoadError when it can't be run exactly."""
    tokens = sample_tokens(model, context_length)
    expected = expected_logits(model, tokens)
    try:
        network = Network(model, threads)
        if can_pack(model):
            pack(model, network.crew)
        check_exact(network, tokens, expected)
    except Unsupported as error:
        raise ModelLoadError(
            f'The model "{name}" can\'t be run exactly by this engine: {error}. Choose another model, or serve it '
            "with a program that knows it, such as vLLM, and set GPTSTORE_ENGINE_URL: see /docs/remote-engine/ on the "
            "store's site."
        ) from error
    return network
