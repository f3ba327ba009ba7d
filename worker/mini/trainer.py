"""The training loop: draw batches, step, report, keep checkpoints, until the budget is spent."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer
from transformers import GPT2LMHeadModel

from worker.mini.checkpoint import Checkpoint, CheckpointError, Progress, load_checkpoint, save_checkpoint
from worker.mini.mixture import Mixture
from worker.mini.model import loss_sum
from worker.mini.packing import Batch, Packer
from worker.mini.schedule import learning_rate_factor


@dataclass(frozen=True)
class Plan:
    """How long and how to train. Ends after `minutes` of training or `max_steps`, whichever is first."""

    minutes: float
    max_steps: int | None = None
    learning_rate: float = 5e-3
    muon: bool = True
    batch_tokens: int = 2048
    batches_per_step: int = 2
    row_lengths: tuple[int, ...] = (128, 512, 1024)
    checkpoint_seconds: float = 240.0
    report_seconds: float = 20.0
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.05

    def done(self, progress: Progress) -> float:
        """The share of the budget that is spent, 0 to 1."""
        share = progress.seconds / (self.minutes * 60) if self.minutes > 0 else 1.0
        if self.max_steps is not None:
            share = max(share, progress.steps / self.max_steps)
        return min(share, 1.0)


def make_optimizers(model: GPT2LMHeadModel, plan: Plan) -> list[Optimizer]:
    """AdamW, without weight decay for embeddings, norms and biases. With `plan.muon`: Muon for the matrices."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and ".h." in name]
    others = [p for name, p in model.named_parameters() if not (p.ndim == 2 and ".h." in name)]
    rest = {"params": others, "weight_decay": 0.0}
    if plan.muon:
        muon = torch.optim.Muon(
            matrices, lr=plan.learning_rate, weight_decay=plan.weight_decay, adjust_lr_fn="match_rms_adamw"
        )
        return [muon, AdamW([rest], lr=plan.learning_rate, betas=plan.betas)]
    decayed = {"params": matrices, "weight_decay": plan.weight_decay}
    return [AdamW([decayed, rest], lr=plan.learning_rate, betas=plan.betas)]


@dataclass
class Trainer:
    """Trains `model` on `mixture` by `plan`; keeps `checkpoint.pt` and `log.jsonl` in `folder` and resumes from them.

    Each of `threads` computes one batch of a step by itself. On a machine that others use too this is much
    faster than all threads inside one operation, where each operation waits for the slowest thread.
    """

    model: GPT2LMHeadModel
    mixture: Mixture
    plan: Plan
    folder: Path
    say: Callable[[str], None]
    threads: int = 1
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="batch")
        self._optimizers = make_optimizers(self.model, self.plan)
        checkpoint = load_checkpoint(self.folder / "checkpoint.pt")
        if checkpoint is not None:
            self._restore(checkpoint)

    def train(self) -> None:
        """Runs to the end of the budget. The last state is in the checkpoint."""
        packer = Packer(self.mixture.next, self.plan.row_lengths, self.plan.batch_tokens)
        reported, kept, losses = time.monotonic(), time.monotonic(), []
        first = self.progress.tokens, time.monotonic()
        self.model.train()
        while self.plan.done(self.progress) < 1.0:
            started, cpu_started = time.monotonic(), time.process_time()
            losses.append(self._step([packer.next() for _ in range(self.plan.batches_per_step)]))
            now = time.monotonic()
            self.progress.seconds += now - started
            self.progress.cpu_seconds += time.process_time() - cpu_started
            if now - reported >= self.plan.report_seconds:
                speed = (self.progress.tokens - first[0]) / (now - first[1])
                self._report(sum(losses) / len(losses), speed)
                reported, losses = now, []
            if now - kept >= self.plan.checkpoint_seconds:
                self._keep()
                kept = now
        self._keep()

    def _step(self, batches: Sequence[Batch]) -> float:
        weight = float(sum(batch.weights[:, 1:].sum() for batch in batches))
        loss = 0.0
        for share, gradients in self._pool.map(self._gradients, batches, [weight] * len(batches)):
            loss += share
            for parameter, gradient in zip(self.model.parameters(), gradients, strict=True):
                parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        self.progress.tokens += sum(batch.tokens for batch in batches)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.plan.learning_rate * learning_rate_factor(self.plan.done(self.progress))
            optimizer.step()
            optimizer.zero_grad()
        self.progress.steps += 1
        return loss

    def _gradients(self, batch: Batch, weight: float) -> tuple[float, Sequence[Tensor]]:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_sum(self.model, batch) / weight
        return float(loss.detach()), torch.autograd.grad(loss, list(self.model.parameters()))

    def _report(self, loss: float, speed: float) -> None:
        done = self.plan.done(self.progress)
        left = self.progress.seconds * (1 - done) / max(done, 1e-9)
        self.say(
            f"{done:4.0%}  step {self.progress.steps}  loss {loss:.3f}  {self.progress.tokens / 1e6:.2f}M tokens"
            f"  {speed:.0f} tokens/s  {left / 60:.1f} min left"
        )
        line = {"step": self.progress.steps, "tokens": self.progress.tokens, "loss": round(loss, 4)}
        line["minutes"] = round(self.progress.seconds / 60, 2)
        with (self.folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    def _keep(self) -> None:
        optimizers = [optimizer.state_dict() for optimizer in self._optimizers]
        checkpoint = Checkpoint(self.model.state_dict(), optimizers, self.mixture.state(), self.progress)
        save_checkpoint(self.folder / "checkpoint.pt", checkpoint)

    def _restore(self, checkpoint: Checkpoint) -> None:
        try:
            self.model.load_state_dict(checkpoint.model)
        except RuntimeError as error:
            raise CheckpointError(f"{self.folder} holds a training of another model shape") from error
        for optimizer, state in zip(self._optimizers, checkpoint.optimizers, strict=True):
            optimizer.load_state_dict(state)
        self.mixture.restore(checkpoint.mixture)
        self.progress = checkpoint.progress
        self.say(f"resuming after step {self.progress.steps}, {self.progress.seconds / 60:.1f} minutes")
