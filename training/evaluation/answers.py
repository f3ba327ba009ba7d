"""Asks the project's own engine, many requests at a time, each answered with the likeliest tokens."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from queue import SimpleQueue

from training.evaluation.skill import ModelInput
from worker.engine.errors import EngineError, PromptTooLong
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Output, Request

_NUMBERS = count()


def write_answers(engine: Engine, asked: Sequence[ModelInput]) -> list[str]:
    """Return the greedy answers, in order; an empty one where the prompt is longer than the model's context."""
    requests = [
        Request("", one.prompt, SamplingParams(max_tokens=one.max_tokens, temperature=0, stop=one.stop))
        for one in asked
    ]
    found = _run(engine, requests, forgive=PromptTooLong)
    return ["".join(output.text for output in outputs) for outputs in found]


def score_texts(engine: Engine, texts: Sequence[tuple[str, str]]) -> list[tuple[float, ...]]:
    """Return for each (beginning, continuation) the natural logarithms of the probabilities of the latter's tokens.

    Raises PromptTooLong when one does not fit the model's context.
    """
    outputs = _run(engine, [Request("", begun, continuation=rest) for begun, rest in texts])
    return [tuple(number for output in one for number in output.scores) for one in outputs]


def _run(
    engine: Engine, requests: Sequence[Request], forgive: type[EngineError] | tuple[()] = ()
) -> list[list[Output]]:
    arrived: SimpleQueue[Output] = SimpleQueue()

    def collect(outputs: Sequence[Output]) -> None:
        for output in outputs:
            arrived.put(output)

    outputs: dict[str, list[Output]] = {f"evaluation-{next(_NUMBERS)}": [] for _ in requests}
    for name, request in zip(outputs, requests, strict=True):
        engine.submit(replace(request, id=name), collect)
    unfinished = len(requests)
    while unfinished:
        output = arrived.get()
        outputs[output.request_id].append(output)
        if output.finish:
            unfinished -= 1
            if output.finish.error and not isinstance(output.finish.error, forgive):
                raise output.finish.error
    return list(outputs.values())
