"""A transformers model whose attention reads the shared KV cache: batches in, logits out."""

import inspect
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor

from worker.engine.compute.arena import Arena, LayerShape
from worker.engine.compute.batch import Batch
from worker.engine.compute.cpu.kernel import build_kernels
from worker.engine.compute.cpu.threads import CpuThreads
from worker.engine.errors import UnsupportedAttention
from worker.engine.model.attention import NAME, use_batch
from worker.engine.model.cuda_graphs import CudaGraphs, record_on_cuda
from worker.engine.model.probe_attention import probe_attention


class PatchedModel:
    """The shared model. `use_arena` gives it the memory for its keys and values.

    shapes: those of its attention layers. vocabulary: the tokens that it can read are below this number.
    threads: for arithmetic on a CPU; None: those that suit each step.
    Raises UnsupportedAttention when its attention can't be replaced.
    """

    def __init__(self, model: Any, threads: CpuThreads | None = None) -> None:
        if not getattr(model, "_supports_attention_backend", False):
            raise UnsupportedAttention("its attention can't be replaced")
        self.model = model
        self.device: torch.device = model.device
        self.shapes: dict[int, LayerShape] = probe_attention(model)
        self.vocabulary: int = model.get_input_embeddings().weight.shape[0]
        self.kernels = build_kernels(self.shapes, model.dtype) if self.device.type == "cpu" else {}
        self.threads = threads or CpuThreads(None, model.num_parameters())
        self._arena: Arena | None = None
        self._graphs: CudaGraphs | None = None
        self._can_skip_rows = "logits_to_keep" in inspect.signature(model.forward).parameters
        model.set_attn_implementation(NAME)

    @property
    def kv_dtype(self) -> torch.dtype:
        """Return the dtype of keys and values: the model's.

        Without our kernel a CPU keeps float32, in which PyTorch is faster, though it reads twice the bytes: its
        own attention takes 2.3 ms a layer for 32 requests of 160 tokens, 12 heads of 64, against 3.9 in bfloat16.
        """
        dtype: torch.dtype = self.model.dtype
        return torch.float32 if self.device.type == "cpu" and not self.kernels else dtype

    @property
    def pads(self) -> bool:
        """Return whether batches are padded: on all devices but CPUs, where strided views are faster."""
        return self.device.type != "cpu"

    def use_arena(self, arena: Arena) -> None:
        """Set the memory that all later batches read and write."""
        self._arena = arena
        if self.device.type == "cuda":
            self._graphs = CudaGraphs(self._run, arena, record_on_cuda())

    def run(self, batch: Batch) -> Tensor:
        """Read the batch's tokens; return logits of shape (wanted rows, vocabulary)."""
        with self.threads.step(batch.tokens.shape[1]) if self.device.type == "cpu" else nullcontext():
            logits = self._graphs.run(batch) if self._graphs else None
            return self._run(batch) if logits is None else logits

    def _run(self, batch: Batch) -> Tensor:
        assert self._arena is not None
        with use_batch(batch, self._arena, self.kernels, self.threads.most):
            return self._call(batch.tokens, batch.positions, batch.wanted)

    def _call(self, tokens: Tensor, positions: Tensor, wanted: Tensor) -> Tensor:
        inputs = {"input_ids": tokens, "position_ids": positions, "use_cache": False}
        if not len(wanted):  # in the middle of a prompt
            self.model.base_model(**inputs)
            return torch.empty(0, 0, device=self.device)
        if self._can_skip_rows:
            logits: Tensor = self.model(**inputs, logits_to_keep=wanted).logits[0]
            return logits
        return self.model(**inputs).logits[0, wanted]  # type: ignore[no-any-return]
