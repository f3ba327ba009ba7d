"""Loads the parts of a checkpoint folder: config, tokenizer, model. Each failure is a ModelLoadError."""

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from worker.engine.errors import ModelLoadError, first_line
from worker.engine.local.memory import is_out_of_memory

_NO_CONTEXT_LENGTH = 2048
_TOKENIZER_FILES = ("tokenizer.json", "vocab.*", "*.model", "*.tiktoken", "tekken.json")


def read_config(model: str, folder: Path) -> Any:
    """Read the config and check that it is of a causal language model. Raises ModelLoadError."""
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except ValueError as error:
        if "trust_remote_code" in str(error):
            raise ModelLoadError(
                f'The model "{model}" brings its own code, which is not run here. Choose one that transformers knows.'
            ) from error
        raise ModelLoadError(
            f'The config.json of "{model}" is not of a model that transformers {transformers.__version__} knows: '
            f"{first_line(error)}"
        ) from error
    except Exception as error:
        raise ModelLoadError(f'The config.json of "{model}" can\'t be read: {first_line(error)}') from error
    named = list(config.architectures or ())
    known = config.model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and not config.is_encoder_decoder
    if not known or (named and not set(named) & set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values())):
        raise ModelLoadError(
            f'The model "{model}" ({", ".join(named) or config.model_type}) does not write text from left to right. '
            "Choose a causal language model, such as GPT-2, Llama or Qwen."
        )
    return config


def load_tokenizer(model: str, folder: Path) -> Any:
    """Load the tokenizer. Raises ModelLoadError."""
    if not any(file for pattern in _TOKENIZER_FILES for file in folder.glob(pattern)):
        # transformers makes an empty tokenizer for a folder without one, and raises nothing.
        raise ModelLoadError(f'The model "{model}" has no tokenizer: tokenizer.json is missing. Copy the model again.')
    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:
        raise ModelLoadError(f'The tokenizer of "{model}" can\'t be loaded; {first_line(error)}') from error


def load_model(model: str, folder: Path, config: Any, dtype: torch.dtype, device: torch.device) -> Any:
    """Load the weights and move them to the device, ready to run. Raises ModelLoadError."""
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder, config=config, dtype=dtype, use_safetensors=True, trust_remote_code=False, output_loading_info=True
        )
        loaded_model, report = loaded
        if missing := sorted(report["missing_keys"]):
            raise ModelLoadError(
                f'The weights of "{model}" lack {len(missing)} of the tensors that its config.json asks for, such as '
                f"{missing[0]}. Copy or download the model again."
            )
        return loaded_model.eval().to(device)
    except ModelLoadError:
        raise
    except Exception as error:
        raise load_failed(model, error) from error


def load_failed(model: str, error: Exception) -> ModelLoadError:
    """Return the ModelLoadError for an exception while loading or warming up."""
    if is_out_of_memory(error):
        return ModelLoadError(
            f'There was not enough memory to load "{model}". Choose a smaller model, dtype bfloat16, or a machine '
            "with more memory."
        )
    return ModelLoadError(f'The model "{model}" can\'t be loaded: {first_line(error)}')


def context_length(config: Any, tokenizer: Any) -> int:
    """Return the model's context length in tokens, prompt and answer together."""
    own = _own_context_length(config, tokenizer)
    return min([own, *_rope_switches(config)])


def _rope_switches(config: Any) -> list[int]:
    """Return the lengths at which a model with "longrope" switches its RoPE scaling.

    Past its original length it scales all positions, those before too, in another way. Requests in one batch would get
    the scaling of the longest, and the keys in the KV cache are rotated already.
    """
    rope = getattr(config.get_text_config(decoder=True), "rope_parameters", None) or {}
    each = [rope, *(value for value in rope.values() if isinstance(value, dict))]
    return [int(one["original_max_position_embeddings"]) for one in each if one.get("rope_type") == "longrope"]


def _own_context_length(config: Any, tokenizer: Any) -> int:
    for length in (
        getattr(config.get_text_config(decoder=True), "max_position_embeddings", None),
        tokenizer.model_max_length if tokenizer.model_max_length < 10**9 else None,
    ):
        if length:
            return int(length)
    return _NO_CONTEXT_LENGTH


def end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return the tokens that end a text: those of the generation config, one or several, and the tokenizer's."""
    named = model.generation_config.eos_token_id
    several = named if isinstance(named, list) else [named]
    return frozenset(token for token in [*several, tokenizer.eos_token_id] if token is not None)
