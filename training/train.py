"""Trains the bundled demo model: `python -m training.train --data DIR --preset cpu|gpu --minutes N`."""

import argparse
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from training.curve import draw_curve
from training.losses import held_out_losses
from training.model import Shape, build_model, save_model
from training.plan import PRESETS, Plan
from training.steps import Steps
from training.stream import Stream
from training.streams import load_streams
from training.tokenizer import train_tokenizer
from training.trainer import Trainer

log = logging.getLogger("training")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train within the time budget, or resume a training that was stopped, and write the model folder."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    torch.set_float32_matmul_precision("high")
    options.work.mkdir(parents=True, exist_ok=True)
    shape, plan = _adjust(*PRESETS[options.preset], options)
    log.info("reading %s", options.data)
    streams = load_streams(options.data)
    tokenizer = _tokenizer(options.work / "tokenizer", streams, shape, options.seed)
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model = build_model(shape, tokenizer.eos_token_id)
    nn.Module.to(model, device)
    log.info("%.2fM parameters, vocabulary of %d, on %s", model.num_parameters() / 1e6, len(tokenizer), device)

    steps = Steps(streams, tokenizer, plan.step_tokens, plan.row_lengths, options.seed)
    trainer = Trainer(model, steps, plan, options.work, log.info, device, options.processes)
    trainer.train()

    losses = held_out_losses(model, tokenizer, streams, shape.context, device)
    log.info("held-out losses %s", losses)
    report = {"preset": options.preset, "plan": asdict(plan), "seed": options.seed, "device": _name(device)}
    report |= {**asdict(trainer.progress), "held_out_losses": losses}
    save_model(options.out, shape, {name: part.cpu() for name, part in model.state_dict().items()}, tokenizer, report)
    (options.out / "curve.svg").write_text(draw_curve(options.work / "log.jsonl"))
    log.info("wrote %s", options.out)


def _adjust(shape: Shape, plan: Plan, options: argparse.Namespace) -> tuple[Shape, Plan]:
    """Return the preset with the changes of the command line."""
    sizes = {name: getattr(options, name) for name in asdict(shape) if getattr(options, name) is not None}
    shape = replace(shape, **sizes)
    rest = ("minutes", "max_steps", "learning_rate", "step_tokens", "dropout", "weight_decay")
    changed = {name: getattr(options, name) for name in rest if getattr(options, name) is not None}
    lengths = tuple(sorted({min(length, shape.context) for length in plan.row_lengths}))
    return shape, replace(plan, row_lengths=lengths, **changed)


def _tokenizer(folder: Path, streams: Sequence[Stream], shape: Shape, seed: int) -> PreTrainedTokenizerFast:
    if not folder.exists():
        log.info("training the tokenizer")
        train_tokenizer(streams, shape.vocabulary, seed, shape.context).save_pretrained(folder)
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
    return tokenizer


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpus (NAME.jsonl.xz)")
    parser.add_argument("--out", type=Path, default=Path("worker/bundled_model"), help="folder of the finished model")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="checkpoint, tokenizer, log")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="cpu", help="sizes, rates and time (default cpu)")
    parser.add_argument("--minutes", type=float, help="time to train, over all runs")
    parser.add_argument("--max-steps", type=int, help="end earlier, after so many steps")
    parser.add_argument("--device", help="cpu, cuda, ... (default: cuda where there is one)")
    parser.add_argument("--threads", type=int, default=2, help="for arithmetic on the CPU")
    parser.add_argument("--processes", type=int, default=0, help="that make the data ahead; 12 or so feed a GPU")
    parser.add_argument("--seed", type=int, default=1)
    shaped = parser.add_argument_group("instead of what the preset says")
    for name in ("learning-rate", "dropout", "weight-decay"):
        shaped.add_argument(f"--{name}", type=float)
    for name in ("step-tokens", "vocabulary", "width", "inner", "layers", "heads", "context"):
        shaped.add_argument(f"--{name}", type=int)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
