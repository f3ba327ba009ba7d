"""Prints what a run asked of the model: `gptstore dev --show`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gptstore.sdk.cli.console import print_note

Json = dict[str, Any]


class ModelReport:
    """The requests of one run to the model."""

    def __init__(self) -> None:
        self._requests: list[Json] = []

    def add(self, request: Json) -> None:
        """Take the data of an event `model`."""
        self._requests.append(request)

    def print(self, job: Json) -> None:
        """Print the requests in their order, and the sums. job: the data of the event `finished`."""
        for request in sorted(self._requests, key=lambda request: request["number"]):
            print_note("\n".join(request_lines(request)))
        print_note(total_line(job, self._requests))


def request_lines(request: Json) -> Iterator[str]:
    """Yield the lines that show one request: its parameters, prompt and answer, tokens and time."""
    given = ", ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in request["parameters"].items()
    )
    yield f"── request {request['number']}: {given or 'no parameters'}"
    prompt = request["prompt"]
    for message in [{"role": "prompt", "content": prompt}] if isinstance(prompt, str) else prompt:
        yield from indented(message["role"], message["content"])
    if request["thoughts"]:
        yield from indented("thoughts", request["thoughts"])
    yield from indented("answer", request["answer"])
    if request["problem"]:
        yield f"   {request['problem']}"
    yield f"   {figures(request)}"


def indented(head: str, text: str) -> Iterator[str]:
    """Yield the lines of a text below its head."""
    yield f"   {head}:"
    yield from (f"     {line}" for line in text.splitlines())


def figures(request: Json) -> str:
    """Say how many tokens a request took, and how long."""
    about = "" if request["tokens_are_exact"] else "about "
    first = request["first_token_seconds"]
    words = [f"{about}{request['prompt_tokens']} tokens in, {about}{request['completion_tokens']} out"]
    words += [f"first after {first:.2f} s"] if first is not None else []
    return ", ".join([*words, f"{request['seconds']:.2f} s in all"])


def total_line(job: Json, requests: list[Json]) -> str:
    """Say how many requests a run made, and how many tokens and how much time it took."""
    usage, count = job["usage"], len(requests)
    return (
        f"── {job['tool']}: {count} {'request' if count == 1 else 'requests'}, {usage['prompt_tokens']} tokens in, "
        f"{usage['completion_tokens']} out, {job['metrics']['run_seconds']:.2f} s"
    )
