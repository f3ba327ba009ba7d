"""The thread that sends messages: a fault in one does not keep the next ones."""

from threading import Event

import pytest

from gptstore.jobs.sender import send_soon, sender


def test_a_message_with_a_fault_does_not_end_the_sender(caplog: pytest.LogCaptureFixture) -> None:
    sent = Event()

    def fail() -> bool:
        raise RuntimeError("a fault")

    def send() -> bool:
        sent.set()
        return True

    send_soon(fail)
    send_soon(send)
    assert sent.wait(10)
    assert "message_failed" in caplog.text


def test_those_that_came_while_one_failed_are_not_sent() -> None:
    begun, go_on, sent = Event(), Event(), Event()

    def fail() -> bool:
        begun.set()
        return not go_on.wait(10)

    def send() -> bool:
        sent.set()
        return True

    send_soon(fail)
    assert begun.wait(10)
    send_soon(send)
    go_on.set()
    sender().wanted.join()
    assert not sent.is_set()
