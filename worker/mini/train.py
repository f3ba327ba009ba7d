"""Trains the bundled demo model: `python -m worker.mini.train --data DIR --out DIR --minutes 30`."""

import argparse
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerFast

from worker.mini.evaluate import held_out_losses
from worker.mini.mixture import Mixture
from worker.mini.model import Shape, build_model, save_model
from worker.mini.streams import Stream, load_streams
from worker.mini.tokenizer import train_tokenizer
from worker.mini.trainer import Plan, Trainer

log = logging.getLogger("worker.mini")


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains within the time budget, or goes on with a training that was stopped, and writes the model folder."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    os.environ.setdefault("RAYON_NUM_THREADS", str(options.threads))
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    shape = Shape(options.vocabulary, options.width, options.layers, options.heads, options.context)
    log.info("reading %s", options.data)
    streams = load_streams(options.data)
    tokenizer = _tokenizer(options.work / "tokenizer", streams, shape, options.seed)
    model = build_model(shape, tokenizer.eos_token_id)
    log.info("%.2fM parameters, vocabulary of %d", model.num_parameters() / 1e6, len(tokenizer))

    mixture = Mixture(streams, tokenizer, shape.context, options.seed)
    plan = Plan(
        minutes=options.minutes,
        max_steps=options.max_steps,
        learning_rate=options.learning_rate,
        muon=options.muon,
        batch_tokens=options.batch_tokens,
        row_lengths=tuple(sorted({min(length, shape.context) for length in Plan.row_lengths})),
    )
    trainer = Trainer(model, mixture, plan, options.work, log.info, options.threads)
    trainer.train()

    losses = {name: round(loss, 3) for name, loss in held_out_losses(model, tokenizer, streams, shape.context).items()}
    log.info("held-out losses %s", losses)
    report = {"plan": asdict(plan), "seed": options.seed, **asdict(trainer.progress), "held_out_losses": losses}
    save_model(options.out, shape, model.state_dict(), tokenizer, report)
    log.info("wrote %s", options.out)


def _tokenizer(folder: Path, streams: Sequence[Stream], shape: Shape, seed: int) -> PreTrainedTokenizerFast:
    if not folder.exists():
        log.info("training the tokenizer")
        train_tokenizer(streams, shape.vocabulary, seed, shape.context).save_pretrained(folder)
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
    return tokenizer


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    shape, plan = Shape(), Plan(minutes=30)
    parser = argparse.ArgumentParser(prog="python -m worker.mini.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpus (NAME.jsonl.xz)")
    parser.add_argument("--out", type=Path, default=Path("worker/mini/model"), help="folder of the finished model")
    parser.add_argument("--work", type=Path, default=Path("var/mini-train"), help="checkpoint, tokenizer, log")
    parser.add_argument("--minutes", type=float, default=plan.minutes, help="time to train, over all runs")
    parser.add_argument("--max-steps", type=int, default=None, help="end earlier, after so many steps")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=plan.learning_rate)
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=plan.muon)
    parser.add_argument("--batch-tokens", type=int, default=plan.batch_tokens)
    parser.add_argument("--vocabulary", type=int, default=shape.vocabulary)
    parser.add_argument("--width", type=int, default=shape.width)
    parser.add_argument("--layers", type=int, default=shape.layers)
    parser.add_argument("--heads", type=int, default=shape.heads)
    parser.add_argument("--context", type=int, default=shape.context)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
