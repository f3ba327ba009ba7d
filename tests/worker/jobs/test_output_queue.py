"""What the engine says reaches the thread that waits for it: at once where it is slow, gathered where it is quick."""

import time
from collections.abc import Sequence
from itertools import count
from threading import Thread
from weakref import WeakSet

import pytest

from worker.engine.protocol import Finish, Output, Timings, Usage
from worker.jobs import output_queue
from worker.jobs.output_queue import OutputQueue

END = Finish("stop", Usage(3, 2), Timings())


def gathering(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(output_queue, "SHARE_SECONDS", seconds)
    monkeypatch.setattr(output_queue, "MAX_SECONDS", seconds)


def said(text: str, finish: Finish | None = None) -> Output:
    return Output("r", text, len(text), finish, tuple(-float(place) for place in range(len(text))))


def putting(made: OutputQueue, batches: Sequence[Sequence[Output]], pause: float) -> Thread:
    def put_all() -> None:
        for batch in batches:
            made.put(batch)
            time.sleep(pause)

    thread = Thread(target=put_all, daemon=True)
    thread.start()
    return thread


def take_all(made: OutputQueue) -> list[Output]:
    taken = [made.take()]
    while taken[-1].finish is None:
        taken.append(made.take())
    return taken


def test_what_has_come_is_taken_as_one() -> None:
    made = OutputQueue()
    made.put([said("ab"), said("c")])
    made.put([said("", END)])
    assert made.take() == Output("r", "abc", 3, END, (0.0, -1.0, 0.0))


def test_a_quick_answer_comes_whole_in_fewer_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a model that makes 500 tokens a second, and a thread that is woken ten times a second at most
    gathering(monkeypatch, 0.1)
    made = OutputQueue()
    letters = [chr(ord("a") + number % 26) for number in range(100)]
    putting(made, [*([said(letter)] for letter in letters), [said("", END)]], 0.002)
    # When all is taken, then nothing is missing, in far fewer pieces
    taken = take_all(made)
    assert "".join(output.text for output in taken) == "".join(letters)
    assert sum(output.tokens for output in taken) == 100
    assert len(taken) < 25


def test_nothing_is_gathered_of_a_slow_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a piece that came a second after it was asked for
    made = OutputQueue()
    gathering(monkeypatch, 0.1)
    with monkeypatch.context() as slow:
        seconds = count()
        slow.setattr(output_queue, "monotonic", lambda: float(next(seconds)))
        made.put([said("a")])
        assert made.take().text == "a"
    # When the next one comes, then it is handed over as it is, by a thread that would otherwise gather for a minute
    gathering(monkeypatch, 60.0)
    begun_at = time.monotonic()
    made.put([said("b")])
    assert made.take().text == "b"
    assert time.monotonic() - begun_at < 10


def test_an_end_is_not_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a thread that gathers for a minute
    gathering(monkeypatch, 60.0)
    made = OutputQueue()
    made.put([said("a")])
    assert made.take().text == "a"
    # When the answer ends meanwhile, then it is there
    begun_at = time.monotonic()
    putting(made, [[said("b")], [said("c", END)]], 0.05)
    assert made.take().text == "bc"
    assert time.monotonic() - begun_at < 10


def test_the_more_wait_the_longer_each_gathers_up_to_a_tenth_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_queue, "waited_for", WeakSet())  # those of other tests may be there still

    def seconds_until_taken() -> float:
        made = OutputQueue()
        for word in ("a", "b"):  # the first is there at once, so the next one is waited for
            made.put([said(word)])
            begun_at = time.monotonic()
            made.take()
        return time.monotonic() - begun_at

    alone = min(seconds_until_taken() for _ in range(5))
    others = [OutputQueue() for _ in range(200)]
    assert alone < 0.05
    assert 0.09 < min(seconds_until_taken() for _ in range(3)) < 2
    assert others
