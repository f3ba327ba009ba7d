"""Schemas that take too much to compile: each costs its own request, and nothing else."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from harness.waiting import wait_until
from tests.worker.engine.models import byte_level_tokenizer
from worker.engine.errors import EngineStopped, GrammarTooHard
from worker.engine.params import SamplingParams
from worker.engine.sampling import compile_probe, grammar, grammar_process
from worker.engine.sampling.grammar import Constraint, Grammars

ROOT = Path(__file__).resolve().parents[4]
BOMB = {"type": "string", "allOf": [{"pattern": f"[a-{chr(98 + n)}]{{1,{80 + n}}}"} for n in range(20)]}
PLAIN = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
SLOW = 60.0
"""Seconds that no test waits for."""

UNTIL_KILLED = """
import sys
from tests.worker.engine.sampling.test_grammar_process import PLAIN, compile_one, make_grammars, processes
grammars = make_grammars()
compile_one(grammars, PLAIN)
print(processes(grammars)[0]._process.pid, flush=True)
sys.stdin.read()
"""


def make_grammars(seconds: float = SLOW) -> Grammars:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level_tokenizer())
    return Grammars(tokenizer, len(tokenizer), frozenset([0]), seconds=seconds)


def compile_one(grammars: Grammars, schema: dict[str, Any], group: str = "") -> Constraint | None:
    return grammars.compile(SamplingParams(schema=json.dumps(schema)), group)


def processes(grammars: Grammars) -> list[grammar_process.GrammarProcess]:
    return [*grammars._probe._idle, *grammars._probe._used]


@pytest.fixture
def grammars() -> Iterator[Grammars]:
    made = make_grammars()
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[Grammars]:
    made = make_grammars(seconds=0.3)
    yield made
    made.close()


def test_a_schema_that_takes_too_long_is_refused_with_the_limit(hasty: Grammars) -> None:
    with pytest.raises(
        GrammarTooHard, match=r"more than 0\.3 seconds \(GPTSTORE_GRAMMAR_SECONDS\).*simpler"
    ) as refusal:
        compile_one(hasty, BOMB)

    assert (refusal.value.code, refusal.value.retryable) == ("bad_request", False)
    assert compile_one(hasty, PLAIN)


def test_a_refused_schema_is_not_tried_again(hasty: Grammars, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GrammarTooHard):
        compile_one(hasty, BOMB)
    monkeypatch.setattr(grammar_process.ProbeCompiler, "probe", None)

    with pytest.raises(GrammarTooHard):
        compile_one(hasty, BOMB, "another")


def test_a_schema_that_takes_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar_process, "MEMORY", 12 * 2**20)
    grammars = make_grammars()

    with pytest.raises(GrammarTooHard, match="more than 12 MB of memory"):
        compile_one(grammars, BOMB)
    grammars.close()


def test_the_schema_of_one_user_keeps_no_other_waiting(grammars: Grammars) -> None:
    ended: list[BaseException] = []

    def compile_bombs() -> None:
        try:
            compile_one(grammars, BOMB, "somebody")
        except EngineStopped as error:
            ended.append(error)

    slow = [Thread(target=compile_bombs) for _ in range(5)]
    for thread in slow:
        thread.start()
    wait_until(lambda: grammars._probe._used, "a process at work")

    assert compile_one(grammars, PLAIN, "another")
    assert compile_one(grammars, {"type": "string"}, "a third")
    assert grammars.compile(SamplingParams(choices=("yes", "no")), "somebody")
    assert all(thread.is_alive() for thread in slow)

    grammars.close()
    for thread in slow:
        thread.join()
    assert len(ended) == 5


def test_no_process_runs_before_the_first_schema(grammars: Grammars) -> None:
    grammars.compile(SamplingParams(choices=("yes", "no")))
    assert processes(grammars) == []

    compile_one(grammars, PLAIN)
    compile_one(grammars, {"type": "string"})
    assert len(processes(grammars)) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_was_killed_is_started_again(grammars: Grammars, number: signal.Signals) -> None:
    compile_one(grammars, PLAIN)
    (before,) = processes(grammars)
    os.kill(before._process.pid, number)

    assert compile_one(grammars, {"type": "string"})
    assert processes(grammars) != [before]


def test_the_processes_end_with_the_engine(grammars: Grammars) -> None:
    compile_one(grammars, PLAIN)
    (process,) = processes(grammars)

    grammars.close()

    assert process._process.poll() is not None
    with pytest.raises(EngineStopped):
        compile_one(grammars, {"type": "string"})


def test_the_processes_end_with_a_worker_that_is_killed() -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", UNTIL_KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with worker:
        assert worker.stdout is not None
        pid = int(worker.stdout.readline())
        worker.kill()

    wait_until(lambda: not is_running(pid), f"the end of process {pid}")


def is_running(pid: int) -> bool:
    with suppress(OSError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_its_process_imports_little() -> None:
    code = "import compile_probe, sys; sys.exit(bool({'torch', 'transformers', 'numpy', 'worker'} & set(sys.modules)))"

    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(compile_probe.__file__).parent)


def test_a_schema_that_is_slow_to_follow_ends_its_own_request(
    grammars: Grammars, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = compile_one(grammars, PLAIN)
    assert rule is not None
    clock = iter(range(0, 1000, 100))
    monkeypatch.setattr(grammar, "thread_time", lambda: next(clock))

    with pytest.raises(GrammarTooHard, match="to follow"):
        rule.mask()
