"""The training loop: take the next step's batches, learn, report, write checkpoints, until the budget is spent."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer
from transformers import Qwen3ForCausalLM

from training.checkpoint import Checkpoint, CheckpointError, Progress, load_checkpoint, save_checkpoint
from training.model import drop_while_training, loss_sum
from training.packing import Batch
from training.plan import Plan
from training.schedule import learning_rate_factor
from training.steps import Steps, load_steps


def make_optimizers(model: Qwen3ForCausalLM, plan: Plan) -> list[Optimizer]:
    """Make the optimizers: Muon for the matrices of the layers; AdamW without weight decay for embeddings and norms."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and ".layers." in name]
    others = [p for name, p in model.named_parameters() if not (p.ndim == 2 and ".layers." in name)]
    muon = torch.optim.Muon(
        matrices, lr=plan.learning_rate, weight_decay=plan.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    return [muon, AdamW(others, lr=plan.learning_rate, betas=plan.betas, weight_decay=0.0)]


@dataclass
class Trainer:
    """Trains `model`, which is on `device`, on `steps` by `plan`.

    Writes `checkpoint.pt` and `log.jsonl` in `folder` and resumes from them. `processes` make the data ahead.
    """

    model: Qwen3ForCausalLM
    steps: Steps
    plan: Plan
    folder: Path
    say: Callable[[str], None]
    device: torch.device
    processes: int = 0
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        drop_while_training(self.model, self.plan.dropout)
        self._loss = torch.compile(loss_sum, dynamic=False) if self.device.type == "cuda" else loss_sum
        self._optimizers = make_optimizers(self.model, self.plan)
        checkpoint = load_checkpoint(self.folder / "checkpoint.pt", self.device)
        if checkpoint is not None:
            self._restore(checkpoint)

    def train(self) -> None:
        """Run to the end of the budget. The last state is in the checkpoint."""
        data = load_steps(self.steps, self.progress.steps, self.processes)
        reported = kept = last = time.monotonic()
        losses: list[Tensor] = []
        first = self.progress.tokens, last
        self.model.train()
        while self.plan.done(self.progress) < 1.0:
            losses.append(self._step(next(data)))
            if self.device.type == "cuda" and self.progress.steps % 8 == 0:
                torch.cuda.synchronize()
            now = time.monotonic()
            self.progress.seconds += now - last
            last = now
            if now - reported >= self.plan.report_seconds:
                speed = (self.progress.tokens - first[0]) / (now - first[1])
                self._report(float(torch.stack(losses).mean()), speed)
                reported, losses = now, []
            if now - kept >= self.plan.checkpoint_seconds:
                self._keep()
                kept = now
        self._keep()

    def _step(self, batches: Sequence[Batch]) -> Tensor:
        weight = float(sum(batch.weights[:, 1:].sum() for batch in batches))
        self.progress.tokens += sum(batch.tokens for batch in batches)
        loss = torch.zeros((), device=self.device)
        for batch in batches:
            with torch.autocast(self.device.type, dtype=torch.bfloat16):
                share = self._loss(self.model, batch.to(self.device)) / weight
            share.backward()
            loss += share.detach()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        rate = self.plan.learning_rate * learning_rate_factor(self.plan.done(self.progress))
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad()
        self.progress.steps += 1
        return loss

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
        save_checkpoint(self.folder / "checkpoint.pt", Checkpoint(self.model.state_dict(), optimizers, self.progress))

    def _restore(self, checkpoint: Checkpoint) -> None:
        try:
            self.model.load_state_dict(checkpoint.model)
        except RuntimeError as error:
            raise CheckpointError(f"{self.folder} holds a training of another model shape") from error
        for optimizer, state in zip(self._optimizers, checkpoint.optimizers, strict=True):
            optimizer.load_state_dict(state)
        self.progress = checkpoint.progress
        self.say(f"resuming after step {self.progress.steps}, {self.progress.seconds / 60:.1f} minutes")
