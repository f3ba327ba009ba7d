"""Loads a model by its name and starts its engine. Every failure is one ModelLoadError that says what to do."""

import logging
import os
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from huggingface_hub.utils.tqdm import disable_progress_bars
from transformers import logging as transformers_logging

from worker.engine.compute.arena import Arena
from worker.engine.compute.cpu.threads import CpuThreads
from worker.engine.compute.devices import choose_device, choose_dtype, choose_threads, default_limits, with_drafts
from worker.engine.errors import ModelLoadError
from worker.engine.local.budget import choose_budget
from worker.engine.local.checkpoint import (
    context_length,
    end_tokens,
    load_failed,
    load_model,
    load_tokenizer,
    read_config,
)
from worker.engine.local.hf_hub import fetch
from worker.engine.local.local_runner import LocalRunner
from worker.engine.local.memory import available_bytes
from worker.engine.local.quantization import quantize_exactly
from worker.engine.local.verify import patch_model
from worker.engine.local.weights import Weights, read_weights
from worker.engine.loop.engine_loop import BatchEngine
from worker.engine.loop.kv import KVCache
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.protocol import Engine, ModelInfo
from worker.engine.sampling.grammar import GRAMMAR_SECONDS, Grammars
from worker.engine.text.tokenizer import PromptTokenizer

logger = logging.getLogger(__name__)

_HEADROOM = 1.15
"""Memory that a model needs, in times its weights: with activations, the KV cache of a short request, buffers."""


def load_engine(
    model: str,
    *,
    device: str = "auto",
    dtype: str = "auto",
    weights: str = "full",
    threads: int | None = None,
    limits: BatchLimits | None = None,
    kv_bytes: int | None = None,
    grammar_seconds: float = GRAMMAR_SECONDS,
    prompt_lookup: bool | None = False,
) -> Engine:
    """Load a causal language model and return its engine, which has read a few tokens.

    model: a folder, or the name of a model on the Hugging Face hub.
    device: "auto" (cuda, else mps, else cpu), "cpu", "cuda", "cuda:1", "mps".
    dtype: "auto", "float32", "bfloat16" or "float16".
    weights: "full", in the dtype, or "int8", if that is exact enough.
    threads: for arithmetic on the CPU; None: one a core, or a single one for a small model.
    limits: of one step; None: those that suit the device.
    kv_bytes: memory for the KV cache; None: a share of the free memory. The context gets shorter if it does not fit.
    grammar_seconds: processor time that the schema of an answer may take to compile.
    prompt_lookup: guess tokens, as `PromptLookup` does; None: on a CPU.

    Only safetensors are read and no code of the model's is run. Raises ModelLoadError.
    """
    begun_at = monotonic()
    _quiet_libraries()
    target = choose_device(device)
    folder = _find_folder(model, target)
    config = read_config(model, folder)
    size = read_weights(folder)
    torch.set_num_threads(choose_threads(threads, size.parameters))
    chosen_dtype = choose_dtype(dtype, target, size.parameters)
    _check_memory(model, size, chosen_dtype, target)
    tokenizer = load_tokenizer(model, folder)
    prompt_tokenizer = _read_prompts(model, tokenizer)
    loaded = load_model(model, folder, config, chosen_dtype, target)
    parameters = loaded.num_parameters()
    longest = context_length(config, tokenizer)
    limits = with_drafts(limits or default_limits(target), target, prompt_lookup)
    try:
        cpu_threads = CpuThreads(threads, parameters)
        if weights == "int8":
            quantize_exactly(model, loaded, tokenizer, longest, cpu_threads)
        patched = patch_model(model, loaded, longest, cpu_threads)
        budget = choose_budget(patched, limits.running, longest, kv_bytes)
        info = ModelInfo(
            name=getattr(config, "gptstore_name", None) or (folder.resolve().name if Path(model).exists() else model),
            context_length=budget.context_length,
            is_chat=prompt_tokenizer.is_chat,
            parameters=parameters,
            device=str(target),
            dtype=str(chosen_dtype).removeprefix("torch."),
            demo=bool(getattr(config, "gptstore_demo", False)),
            thinking=prompt_tokenizer.thinking,
        )
        arena = Arena(patched.shapes, budget.tokens, budget.dtype, target)
        ends = end_tokens(loaded, tokenizer)
        grammars = Grammars(tokenizer, config.get_text_config().vocab_size, ends, seconds=grammar_seconds)
        runner = LocalRunner(patched, arena, prompt_tokenizer, info, ends, grammars)
        engine = BatchEngine(runner, limits, KVCache(budget.tokens, budget.largest))
        engine.launch()
    except ModelLoadError:
        raise
    except Exception as error:
        raise load_failed(model, error) from error
    logger.info(
        "model loaded",
        extra={
            "model": info.name,
            "device": info.device,
            "kv_tokens": budget.tokens,
            "seconds": monotonic() - begun_at,
        },
    )
    return engine


def _quiet_libraries() -> None:
    """Keep progress bars and advice off the worker's log."""
    for name in ("transformers", "huggingface_hub", "httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.ERROR)
    disable_progress_bars()
    transformers_logging.disable_progress_bar()


def _find_folder(model: str, device: torch.device) -> Path:
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelLoadError(f"The folder {folder} has no config.json: it does not hold a transformers model.")
        return folder
    if folder.exists():
        raise ModelLoadError(f"{folder} is a file. Give the folder that holds the model.")
    if model.startswith((".", "~", os.sep)) or model.count("/") > 1 or not model:
        raise ModelLoadError(f'There is no folder "{model}". Check the path, or give a hub name such as owner/name.')
    free = available_bytes(device)
    return fetch(model, max_bytes=None if free is None else 2 * free)  # float32 on the hub may be halved here


def _read_prompts(model: str, tokenizer: Any) -> PromptTokenizer:
    """Return the tokenizer of prompts, before the weights take their time. Raises ModelLoadError."""
    try:
        return PromptTokenizer(tokenizer)
    except ModelLoadError:
        raise
    except Exception as error:
        raise load_failed(model, error) from error


def _check_memory(model: str, size: Weights, dtype: torch.dtype, device: torch.device) -> None:
    needed = int(size.parameters * dtype.itemsize * _HEADROOM)
    free = available_bytes(device)
    if free is not None and needed > free:
        raise ModelLoadError(
            f'Not enough memory for "{model}" on {device}: it needs about {needed / 1e9:.1f} GB in '
            f"{str(dtype).removeprefix('torch.')}, and {free / 1e9:.1f} GB are free. Choose a smaller model, "
            "dtype bfloat16, or a machine with more memory."
        )
