"""Chooses where a model runs: its device, dtype and CPU threads."""

import os
from dataclasses import replace

import torch

from worker.engine.errors import ModelLoadError
from worker.engine.loop.scheduler import BatchLimits

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_TINY_PARAMETERS = 1_000_000
_SMALL_PARAMETERS = 20_000_000
_MANY_ROWS = 64
_DRAFTS = 16
_DEFAULT_THREADS = torch.get_num_threads()  # at import: later it is what was last set


def choose_device(name: str) -> torch.device:
    """Turn "auto", "cpu", "cuda", "cuda:1" or "mps" into a device. Raises ModelLoadError when it is not there."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ModelLoadError(f'There is no device "{name}". Use auto, cpu, cuda, cuda:0, cuda:1, … or mps.') from error
    if device.type == "cuda":
        return _cuda(device)
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ModelLoadError('The device "mps" was asked for, but this machine has none. Use "auto" or "cpu".')
    if device.type not in ("cpu", "mps"):
        raise ModelLoadError(f'The device "{name}" is not supported. Use auto, cpu, cuda, cuda:0, cuda:1, … or mps.')
    return device


def choose_dtype(name: str, device: torch.device, parameters: int) -> torch.dtype:
    """Turn "auto" or a dtype's name into a dtype. Raises ModelLoadError for an unknown name."""
    if name != "auto":
        if name not in _DTYPES:
            raise ModelLoadError(f'There is no dtype "{name}". Use auto, {", ".join(_DTYPES)}.')
        return _DTYPES[name]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.type == "mps":
        return torch.float16
    # With the CPU's own bfloat16 instructions and packed weights even a model of 3 million parameters reads 32 requests
    # in half the time; one that is smaller still spends its time elsewhere.
    return torch.bfloat16 if parameters >= _TINY_PARAMETERS and _cpu_has_bfloat16() else torch.float32


def choose_threads(count: int | None, parameters: int, rows: int = 1) -> int:
    """Return the threads for a step that reads `rows` tokens: as given, else one for each core this process may use."""
    if count is not None:
        return max(1, count)
    # A step of a small model ends about as soon as its threads are in step: a second one costs a core and gains next to
    # nothing (6 million parameters: 255 tokens a second on one thread, 295 on two). Prompts are worth it.
    if parameters < _SMALL_PARAMETERS and rows < _MANY_ROWS:
        return 1
    return _max_threads()


def default_limits(device: torch.device) -> BatchLimits:
    """Return the limits of a step: higher on a GPU, where a few tokens take about as long as hundreds."""
    return BatchLimits() if device.type == "cpu" else BatchLimits(step_tokens=2048, chunk_tokens=512)


def with_drafts(limits: BatchLimits, device: torch.device, wanted: bool | None) -> BatchLimits:
    """Return the limits with or without room for guesses (prompt lookup); None: with it on a CPU."""
    is_on = device.type == "cpu" if wanted is None else wanted
    return replace(limits, drafts=(limits.drafts or _DRAFTS) if is_on else 0)


def _cuda(device: torch.device) -> torch.device:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    index = device.index or 0
    if count == 0:
        built = "" if torch.version.cuda else " (this PyTorch is a build without CUDA)"
        raise ModelLoadError(
            f'The device "{device}" was asked for, but no CUDA device is usable here{built}. Use "auto" or "cpu", '
            "or install a CUDA build of PyTorch and a driver for it."
        )
    if index >= count:
        raise ModelLoadError(f'The device "{device}" was asked for, but the last one here is "cuda:{count - 1}".')
    return torch.device("cuda", index)


def _cpu_has_bfloat16() -> bool:
    features = torch.cpu.get_capabilities()
    return any(features.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def _max_threads() -> int:
    """Return the number of cores that this process may use, at most torch's own default (OMP_NUM_THREADS)."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(_DEFAULT_THREADS, cores)
