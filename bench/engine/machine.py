"""What the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from typing import Any

import torch
import transformers

from bench.engine.lab import Lab
from bench.processor import processor


def describe_machine() -> dict[str, Any]:
    """The processor and the versions, at the beginning."""
    return {
        "begun_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
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


def load() -> tuple[float, ...] | None:
    """Runnable processes, on average of the last 1, 5 and 15 minutes; None where the system does not tell."""
    return os.getloadavg() if hasattr(os, "getloadavg") else None
