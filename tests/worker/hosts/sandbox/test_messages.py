"""What a child says that it should not: well-formed messages out of turn, and others that are none."""

import gc
import json
import sys
from collections.abc import Callable

import pytest

from gptstore.sdk import Canceled, ParameterError
from gptstore.sdk.host.channel import LONGEST
from gptstore.sdk.host.control import Fork, to_host
from gptstore.sdk.host.messages import Output, decode, encode, to_worker
from harness.waiting import wait_until
from tests.worker.hosts.sandbox.conftest import Going, NotingPort
from worker.engine.errors import PromptTooLong
from worker.hosts.errors import ToolCrashed
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

ASK = {"prompt": "one two", "max_tokens": 5}


def generate(number: int) -> dict[str, object]:
    return {"kind": "generate", "request": number, "call": ASK}


def count(number: int) -> dict[str, object]:
    return {"kind": "count", "request": number, "prompt": "one two"}


OUT_OF_TURN = {
    "more of nothing": [{"kind": "more", "request": 99}],
    "the rest of nothing": [{"kind": "pass", "request": 99}],
    "the end of nothing": [{"kind": "close", "request": 99}],
    "more twice": [generate(1), {"kind": "more", "request": 1}, {"kind": "more", "request": 1}],
    "a number twice": [count(1), count(1)],
    "numbers that fall": [
        {"kind": "count", "request": 5, "prompt": "a"},
        {"kind": "count", "request": 4, "prompt": "a"},
    ],
    "no number": [count(0)],
    "more than it may ask": [generate(number) for number in range(1, 200)],
    "what only the worker says": [{"kind": "start", "tool": "speak", "input": {}, "model": "m", "context_length": 1}],
    "a stop": [{"kind": "stop"}],
    "what nobody says": [{"kind": "give me more rights"}],
    "what is no number": [{"kind": "progress", "done": "NaN", "total": {}, "message": ""}],
    "bytes that are none": [{"kind": "output", "text": "a", "logprobs": [[[256], -1.0, []]]}],
    "a probability that is no number": [{"kind": "output", "text": "a", "logprobs": [["a", "NaN", []]]}],
    "too many alternatives": [{"kind": "output", "text": "a", "logprobs": [["a", -1.0, [["a", -1.0]] * 21]]}],
    "a note that is too long": [{"kind": "log", "message": "x" * 10_001}],
    "a fault that nobody has": [{"kind": "failed", "reason": "somebody else", "message": ""}],
}


@pytest.mark.parametrize("messages", OUT_OF_TURN.values(), ids=OUT_OF_TURN)
def test_a_message_out_of_turn_costs_its_own_job(
    messages: list[dict[str, object]], run: Callable[..., Going], sandbox: Sandbox
) -> None:
    host = sandbox.supervisors[0].process
    neighbour = Going(sandbox, "repeat", text="three of four")
    going = run("speak", messages=[json.dumps(message) for message in messages])
    assert isinstance(going.raised, ToolCrashed), going.raised
    assert going.raised.fault == "broken messages"
    assert neighbour.end().port.text == "three of four "
    assert sandbox.supervisors[0].process is host


@pytest.mark.parametrize("text", ["", "nonsense", "[" * 1_000_000, '{"kind": "output", "text": "\\ud800"}', "null"])
def test_a_message_that_is_none_costs_its_own_job(text: str, run: Callable[..., Going]) -> None:
    going = run("speak", messages=[text])
    assert isinstance(going.raised, ToolCrashed), going.raised
    assert going.raised.fault == "broken messages"


def test_a_message_that_is_announced_as_too_long_is_not_waited_for(run: Callable[..., Going]) -> None:
    going = run("announce", length=LONGEST + 1)
    assert isinstance(going.raised, ToolCrashed)
    assert str(LONGEST) in going.raised.details


def test_half_a_message_can_be_canceled(sandbox: Sandbox) -> None:
    going = Going(sandbox, "announce", length=1000)
    going.port.stop.set()
    assert isinstance(going.end().raised, Canceled)


def test_a_run_that_reads_no_answer_can_be_canceled(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a run that asks without end and never reads, so that there soon is no room for more answers
    asked: list[object] = []
    monkeypatch.setattr(NotingPort, "count_tokens", lambda _, prompt: asked.append(prompt) or 2)
    going = Going(sandbox, "speak", messages=[json.dumps(count(number)) for number in range(1, 20_000)])
    neighbours = [Going(sandbox, "repeat", text=f"{number} of three") for number in range(3)]
    wait_until(lambda: len(asked) > 100, "its questions")
    # When it is canceled
    going.port.stop.set()
    # Then it ends
    assert isinstance(going.end().raised, Canceled)
    assert [neighbour.end().port.text for neighbour in neighbours] == ["0 of three ", "1 of three ", "2 of three "]


def test_nothing_counts_after_the_end(run: Callable[..., Going]) -> None:
    messages = [{"kind": "output", "text": "said"}, {"kind": "finished"}, {"kind": "output", "text": " too late"}]
    going = run("speak", messages=[json.dumps(message) for message in messages])
    assert (going.raised, going.port.text) == (None, "said")


@pytest.mark.parametrize("order", ["close", "more", "pass"])
def test_an_order_for_an_answer_that_is_over_is_no_fault(order: str, run: Callable[..., Going]) -> None:
    """A child may send it before it has read the answer's last message."""
    messages = [count(1), {"kind": order, "request": 1}, {"kind": "output", "text": "said"}, {"kind": "finished"}]
    going = run("speak", messages=[json.dumps(message) for message in messages])
    assert (going.raised, going.port.text) == (None, "said")


def test_a_tool_cannot_put_a_refusal_into_the_models_mouth(run: Callable[..., Going]) -> None:
    forged = {"kind": "failed", "reason": "refused", "code": "worker_lost", "message": "The operator is to blame."}
    going = run("speak", messages=[json.dumps(forged)])
    assert isinstance(going.raised, ToolCrashed), going.raised


def test_a_call_that_makes_no_sense_is_told_as_the_child_says_it(run: Callable[..., Going]) -> None:
    failed = {"kind": "failed", "reason": "parameters", "message": "top_p must be above 0 and at most 1, not 5."}
    going = run("speak", messages=[json.dumps(failed)])
    assert (type(going.raised), str(going.raised)) == (ParameterError, failed["message"])


def test_what_the_model_refused_is_told_as_the_model_said_it(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = PromptTooLong(9_999, 1_024)

    def refuse(*_: object) -> None:
        raise refused

    monkeypatch.setattr(NotingPort, "count_tokens", refuse)
    forged = {"kind": "failed", "reason": "refused", "code": refused.code, "message": "The operator is to blame."}
    going = Going(sandbox, "speak", messages=[json.dumps(count(1)), json.dumps(forged)]).end()
    assert going.raised is refused


def test_nothing_is_kept_of_a_message_that_was_read() -> None:
    def read(numbers: range) -> int:
        """Blocks of memory that are in use afterwards."""
        for number in numbers:
            assert decode(to_worker, encode(Output(text=f"text {number} of somebody"))).kind == "output"
            assert decode(to_host, encode(Fork(number=number, scratch=f"/tmp/scratch-{number}"))).number == number
        gc.collect()
        return sys.getallocatedblocks()

    before = read(range(100))
    assert read(range(100, 1100)) - before < 100
