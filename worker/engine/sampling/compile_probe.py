"""Compiles grammars as a test: a script of its own process, which can be killed, and imports nothing but llguidance.

It reads one JSON value a line: first the tokenizer and the limits, then grammars. To each it answers with a line. What
takes too much processor time or memory ends the process. It ends by itself with the worker, whose pipe then closes.
"""

import json
import resource
import signal
import sys
from contextlib import suppress
from typing import Any

from llguidance import LLMatcher, LLParserLimits, LLTokenizer


def main() -> None:
    setup = json.loads(sys.stdin.readline())
    trie = LLTokenizer(setup["tokenizer"], n_vocab=setup["size"], eos_token=[setup["end"]])
    limits = LLParserLimits(**setup["limits"])
    limit_memory(setup["memory"])
    print("ready", flush=True)
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_PROF, setup["seconds"])  # whose signal ends the process, whatever it does
        signal.alarm(setup["patience"])  # also when nobody waits any more
        compile_grammar(trie, json.loads(line), limits)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        print("done", flush=True)


def compile_grammar(trie: LLTokenizer, request: dict[str, Any], limits: LLParserLimits) -> None:
    """Do what the worker is about to do with this schema. Its errors are found there again."""
    with suppress(ValueError):
        grammar = LLMatcher.grammar_from_json_schema(request["schema"], overrides=request["style"])
        LLMatcher(trie, grammar, log_level=0, limits=limits).compute_logit_bias()


def limit_memory(more: int) -> None:
    """Allow so many bytes beyond what the tokenizer takes, where the system tells how many these are."""
    with suppress(OSError):
        with open("/proc/self/statm") as pages:
            now = int(pages.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
