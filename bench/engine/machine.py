"""The machine behind the figures."""

import os
import platform
from typing import Any

import torch
import transformers

from bench.common.machine import begun_at, describe_processor, load
from bench.engine.lab import Lab


def describe_machine() -> dict[str, Any]:
    """Return the processor and the versions, at the beginning."""
    return {
        "begun_at": begun_at(),
        **describe_processor(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "omp_wait_policy": os.environ.get("OMP_WAIT_POLICY"),
        "load_before": load(),
    }


def describe_lab(lab: Lab) -> dict[str, Any]:
    info = lab.engine.info
    return {
        "model": info.name,
        "parameters": info.parameters,
        "device": info.device,
        "dtype": info.dtype,
        "threads": torch.get_num_threads(),
        "generate_attention": lab.generate.attention,
        "server": {"url": lab.server.url, "model": lab.server.model} if lab.server else None,
    }
