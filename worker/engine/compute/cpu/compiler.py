"""Builds C for this machine's processor when the engine starts, where there is a compiler."""

import ctypes
import logging
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import torch

logger = logging.getLogger(__name__)

_FLAGS = ("-std=gnu11", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fopenmp", "-fPIC")
_COMPILER_SECONDS = 60
_MAX_REASON = 2000
FORMATS = {torch.float32: (), torch.bfloat16: ("-DBFLOAT16",)}
"""The dtypes that kernels take, each with its options."""


def find_compiler() -> str | None:
    """Return the C compiler: CC names it, and `CC=` is none."""
    return shutil.which(os.environ.get("CC", "cc"))


def build(compiler: str, source: Path, options: Sequence[str], what: str) -> ctypes.CDLL | None:
    """Compile and load a file; None when that fails, and the log says why `what` will be slower."""
    begun_at = monotonic()
    try:
        library = _compile(compiler, source, [*_FLAGS, *options])
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "stderr", None) or str(error)
        logger.warning(f"{what} without a kernel: slower", extra={"reason": reason[-_MAX_REASON:]})
        return None
    logger.info(f"{what} kernel built", extra={"seconds": monotonic() - begun_at})
    return library


def _compile(compiler: str, source: Path, options: list[str]) -> ctypes.CDLL:
    """Compile and load, linked without OpenMP: torch has brought one, and two would each have their own threads."""
    with TemporaryDirectory(prefix="gptstore-kernel-") as folder:
        built, library = str(Path(folder, "kernel.o")), str(Path(folder, "kernel.so"))
        for command in ([*options, "-c", str(source), "-o", built], ["-shared", built, "-lm", "-o", library]):
            subprocess.run([compiler, *command], check=True, capture_output=True, text=True, timeout=_COMPILER_SECONDS)
        return ctypes.CDLL(library)
