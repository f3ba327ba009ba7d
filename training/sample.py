"""Prints what the bundled model answers to fixed inputs of the four tools: `python -m training.sample`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from training import prompts

MODEL = Path(__file__).parents[1] / "worker" / "bundled_model"

_TOWER = (
    "The lighthouse at Barrow Point was built in 1871 by the engineer Thomas Hale. It is 42 metres tall, and its light "
    "can be seen from ships 30 kilometres away. For ninety years a keeper lived in the small house beside it. "
    "In 1961 the light became automatic, and the house is now a museum."
)
_LIBRARY = (
    "The town library will open on Sundays from next month. Many people who work during the week had asked for it. "
    "The city council has found the money for two more members of staff. Visitors will be able to borrow books, use "
    "the computers and take part in reading groups for children. The library hopes that more families will come."
)


@dataclass(frozen=True)
class Sample:
    """One question to the model, in the format of a tool."""

    task: str
    prompt: str
    max_tokens: int = 80


@dataclass(frozen=True)
class Answer:
    """The model's text, and whether it ended by itself: with end-of-text or one of the tool's stop strings."""

    text: str
    ended: bool


SAMPLES = (
    Sample("qa", prompts.qa_prompt(_TOWER, "Who built the lighthouse?")),
    Sample("qa", prompts.qa_prompt(_TOWER, "When did the light become automatic?")),
    Sample("summarize", prompts.summary_prompt(_LIBRARY, "short")),
    Sample("summarize", prompts.summary_prompt(_TOWER, "medium")),
    Sample("translate", prompts.translation_prompt("Where is my blue book?", "en", "fr")),
    Sample("translate", prompts.translation_prompt("Tom is very tired today.", "en", "de")),
    Sample("translate", prompts.translation_prompt("I want to drink a cup of tea.", "en", "es")),
    Sample("translate", prompts.translation_prompt("He is my friend.", "en", "zh")),
    Sample("translate", prompts.translation_prompt("Je ne sais pas où il habite.", "fr", "en")),
    Sample("code", prompts.code_prompt("Write a function to find the sum of all even numbers in a list."), 160),
    Sample("code", prompts.code_prompt("Check whether a string is a palindrome."), 160),
)


def load(folder: Path = MODEL) -> tuple[Any, PreTrainedTokenizerFast]:
    """Load the model in evaluation mode and its tokenizer, from `folder` without network."""
    model: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return model.eval(), tokenizer


@torch.inference_mode()
def answer(model: Any, tokenizer: PreTrainedTokenizerFast, sample: Sample) -> Answer:
    """Return the greedy answer of any causal model of transformers, at most `sample.max_tokens` long."""
    inputs = tokenizer(sample.prompt, return_tensors="pt")
    output = model.generate(
        **inputs, max_new_tokens=sample.max_tokens, do_sample=False, pad_token_id=tokenizer.eos_token_id
    )
    ids = output[0, inputs["input_ids"].shape[1] :].tolist()
    text = str(tokenizer.decode(ids, skip_special_tokens=True))
    cut = min((text.find(stop) for stop in prompts.STOP[sample.task] if stop in text), default=len(text))
    return Answer(text[:cut], cut < len(text) or tokenizer.eos_token_id in ids)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.sample", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL, help="folder of the model")
    model, tokenizer = load(parser.parse_args(arguments).model)
    for sample in SAMPLES:
        print(f"[{sample.task}]\n{sample.prompt}\n  → {answer(model, tokenizer, sample).text.strip()}\n")


if __name__ == "__main__":
    main()
