"""The engine alone: `python -m worker.engine --model DIR --prompt "Once upon a time"` streams the answer.

With `--url http://gpu:8000` the model runs on that server.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from queue import SimpleQueue

from worker.engine.errors import EngineError
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Finish, Message, ModelInfo, Output, Request
from worker.engine.remote.connect import open_remote

DEFAULTS = SamplingParams()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one prompt; text goes to stdout, figures to stderr. Returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.model or options.url):
        parser.error("give --model, --url or both")
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    try:
        request = _request(options)
        engine = _open(options)
    except EngineError as error:
        print(error.message, file=sys.stderr)
        return 2
    try:
        finish = _stream(engine, request)
    finally:
        engine.close()
    _report(engine, finish)
    return 1 if finish.error else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.engine", description="Run one prompt on a model.")
    parser.add_argument("--model", help="folder, or name on the Hugging Face hub; with --url: the server's name for it")
    parser.add_argument("--url", help="a server with OpenAI's API that runs the model, such as http://gpu:8000")
    parser.add_argument(
        "--key-env", default="GPTSTORE_ENGINE_KEY", metavar="NAME", help="environment variable with the server's key"
    )
    parser.add_argument("--prompt", help="the text to continue; default: standard input")
    parser.add_argument("--chat", action="store_true", help="send the prompt as a user's message")
    parser.add_argument("--max-tokens", type=int, metavar="N")
    parser.add_argument("--temperature", type=float, default=DEFAULTS.temperature, metavar="T")
    parser.add_argument("--top-p", type=float, default=DEFAULTS.top_p, metavar="P")
    parser.add_argument("--top-k", type=int, default=DEFAULTS.top_k, metavar="K")
    parser.add_argument("--stop", action="append", default=[], metavar="TEXT", help="can be given several times")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--dtype", default="auto", choices=["auto", "float32", "bfloat16", "float16"])
    parser.add_argument("--weights", default="full", choices=["full", "int8"])
    parser.add_argument("--threads", type=int, help="for arithmetic on the CPU")
    parser.add_argument("--verbose", action="store_true", help="show the engine's log")
    return parser


def _open(options: argparse.Namespace) -> Engine:
    if options.url:
        key = os.environ.get(options.key_env, "")
        return open_remote(options.url, key=key, model=options.model or "", patience_s=5)
    from worker.engine.local.loading import load_engine  # torch, which a model elsewhere does not need

    return load_engine(
        options.model,
        device=options.device,
        dtype=options.dtype,
        weights=options.weights,
        threads=options.threads,
    )


def _request(options: argparse.Namespace) -> Request:
    text = sys.stdin.read() if options.prompt is None else options.prompt
    params = SamplingParams(
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        top_p=options.top_p,
        top_k=options.top_k,
        stop=tuple(options.stop),
        seed=options.seed,
    )
    return Request("prompt", (Message("user", text),) if options.chat else text, params)


def _stream(engine: Engine, request: Request) -> Finish:
    """Print the text as it comes; Ctrl-C cancels and keeps the text so far."""
    outputs: SimpleQueue[Output] = SimpleQueue()

    def collect(batch: Sequence[Output]) -> None:
        for output in batch:
            outputs.put(output)

    engine.submit(request, collect)
    while True:
        try:
            output = outputs.get()
        except KeyboardInterrupt:
            engine.cancel(request.id)
            continue
        print(output.text, end="", flush=True)
        if output.finish:
            print()
            return output.finish


def _report(engine: Engine, finish: Finish) -> None:
    info, usage, timings = engine.info, finish.usage, finish.timings
    rate = (usage.completion_tokens - 1) / timings.decode if usage.completion_tokens > 1 else 0.0
    print(
        f"{_describe(info)}\n"
        f"{usage.prompt_tokens} prompt tokens, first token after {timings.prefill * 1000:.0f} ms; "
        f"{usage.completion_tokens} new tokens, {rate:.1f} a second; ended by {finish.reason}",
        file=sys.stderr,
    )
    if finish.error:
        print(finish.error.message, file=sys.stderr)


def _describe(info: ModelInfo) -> str:
    if info.device == "remote":
        return f"{info.name} on another server, {info.context_length} tokens of context"
    return f"{info.name}: {info.parameters / 1e6:.1f} M parameters, {info.dtype} on {info.device}"


if __name__ == "__main__":
    sys.exit(main())
