"""What becomes of a text that hooks are asked about."""

from collections.abc import Callable
from typing import Any

import pytest
import structlog

from tests.worker.hooks.conftest import hook, through
from worker.hooks import Allow, Change, Refuse, RunningJob
from worker.hooks.errors import HookFailed, Refused
from worker.hooks.filters import MAX_BEFORE, MAX_HELD, OutputFilter, filter_input


def test_every_text_of_an_input_is_asked_about_with_its_place(job: RunningJob) -> None:
    asked: list[tuple[RunningJob, str, str]] = []
    given = {"text": "a", "lines": ["b", "c"], "address": {"city": "d", "rooms": [{"name": "e"}]}}
    others = {"count": 5, "on": True, "none": None, "ratio": 0.5, "empty": "", "nothing": []}

    def screen(job: RunningJob, field: str, text: str) -> Change:
        asked.append((job, field, text))
        return Change(text.upper())

    got = filter_input([hook(screen_input=screen)], job, {**given, **others})

    assert got == {
        "text": "A",
        "lines": ["B", "C"],
        "address": {"city": "D", "rooms": [{"name": "E"}]},
        **others,
    }
    places = [
        ("text", "a"),
        ("lines[0]", "b"),
        ("lines[1]", "c"),
        ("address.city", "d"),
        ("address.rooms[0].name", "e"),
    ]
    assert asked == [(job, *place) for place in places]
    assert given["lines"] == ["b", "c"]


def test_each_hook_sees_the_text_as_the_one_before_left_it(job: RunningJob) -> None:
    chain = [
        hook("first", screen_input=lambda text: Change(text + "1")),
        hook("silent", screen_input=lambda text: None),
        hook("allows", screen_input=lambda text: Allow()),
        hook("second", screen_input=lambda text: Change(text + "2")),
    ]
    assert filter_input(chain, job, {"text": "a"}) == {"text": "a12"}


def test_the_first_refusal_stops_the_chain(job: RunningJob) -> None:
    asked: list[str] = []
    chain = [
        hook("refuses", screen_input=lambda text: Refuse(f"No {text}.")),
        hook("later", screen_input=lambda text: asked.append(text)),
    ]
    with pytest.raises(Refused) as raised:
        filter_input(chain, job, {"text": "a", "more": "b"})
    assert (raised.value.reason, asked) == ("No a.", [])


def raises(text: str) -> None:
    raise ValueError("broken")


def exits(text: str) -> None:
    raise SystemExit


@pytest.mark.parametrize(
    "fault", [raises, exits, *(lambda text, bad=bad: bad for bad in (5, "", False, Allow, Change(7)))]
)
def test_a_hook_that_cannot_answer_lets_nothing_through(job: RunningJob, fault: Callable[..., Any]) -> None:
    with structlog.testing.capture_logs() as logs, pytest.raises(HookFailed) as raised:
        filter_input([hook("bad", screen_input=fault)], job, {"text": "a"})
    assert raised.value.hook == "bad"
    assert [(line["event"], line["hook"], line["exc_info"]) for line in logs] == [("hook_failed", "bad", True)]

    screen = OutputFilter([hook("bad", screen_output=fault)], job)
    with pytest.raises(HookFailed):
        screen.feed("a")
    assert isinstance(screen.fault, HookFailed)


def test_of_an_input_nothing_can_be_held_back(job: RunningJob) -> None:
    with pytest.raises(HookFailed):
        filter_input([hook(screen_input=lambda text: Allow(hold=1))], job, {"text": "a"})


def test_what_is_held_back_comes_again_with_what_stood_before_it(job: RunningJob) -> None:
    asked: list[tuple[str, str, bool]] = []

    def hold_two(before: str, text: str, ended: bool) -> Allow:
        asked.append((before, text, ended))
        return Allow(hold=0 if ended else min(2, len(text)))

    assert through(OutputFilter([hook(screen_output=hold_two)], job), "a", "bcd", "e") == ["", "ab", "c", "de"]
    assert asked == [("", "a", False), ("", "abcd", False), ("ab", "cde", False), ("abc", "de", True)]


def test_a_change_stands_for_all_that_is_not_held_back(job: RunningJob) -> None:
    def star(text: str, ended: bool) -> Change:
        hold = 0 if ended else len(text) % 3
        return Change("*" * ((len(text) - hold) // 3), hold)

    assert through(OutputFilter([hook(screen_output=star)], job), "abcd", "e", "fgh") == ["*", "", "*", ""]


def test_a_stream_goes_through_all_hooks_and_ends_in_each(job: RunningJob) -> None:
    def whole(text: str, ended: bool) -> Allow:
        return Allow(hold=0 if ended else len(text))

    def shout(text: str) -> Change:
        return Change(text.upper())

    chain = [hook("whole", screen_output=whole), hook("shout", screen_output=shout), hook("again", screen_output=whole)]
    assert through(OutputFilter(chain, job), "a", "b") == ["", "", "AB"]


def test_nothing_is_asked_about_no_text(job: RunningJob) -> None:
    asked: list[str] = []
    screen = OutputFilter([hook(screen_output=lambda text: asked.append(text))], job)
    assert through(screen, "") == ["", ""]
    assert through(screen, "a") == ["a", ""]
    assert asked == ["a"]


@pytest.mark.parametrize(("hold", "ended"), [(-1, False), (11, False), (1, True), (1.0, False)])
def test_more_than_there_is_or_may_be_held_is_a_fault(job: RunningJob, hold: Any, ended: bool) -> None:
    screen = OutputFilter([hook(screen_output=lambda text: Allow(hold))], job)
    with pytest.raises(HookFailed):
        screen.feed("x" * 10, ended=ended)


def test_a_hook_holds_back_so_much_and_remembers_so_much(job: RunningJob) -> None:
    seen: list[str] = []

    def hold_most(before: str, text: str, ended: bool) -> Allow:
        seen.append(before)
        return Allow(hold=0 if ended else min(len(text), MAX_HELD))

    screen = OutputFilter([hook(screen_output=hold_most)], job)
    through(screen, "x" * MAX_HELD, "y" * 2000)
    assert [len(before) for before in seen] == [0, 0, MAX_BEFORE]
    too_much = OutputFilter([hook(screen_output=lambda text: Allow(len(text)))], job)
    too_much.feed("x" * MAX_HELD)
    with pytest.raises(HookFailed):
        too_much.feed("y")


def test_a_text_beside_the_output_is_decided_at_once_and_alone(job: RunningJob) -> None:
    asked: list[tuple[str, str, bool]] = []

    def hold_all(before: str, text: str, ended: bool) -> Allow:
        asked.append((before, text, ended))
        return Allow(hold=0 if ended else len(text))

    screen = OutputFilter([hook(screen_output=hold_all)], job)
    assert (screen.feed("a"), screen.whole("note"), screen.feed("b", ended=True)) == ("", "note", "ab")
    assert asked == [("", "a", False), ("", "note", True), ("", "ab", True)]


def test_a_refusal_is_remembered(job: RunningJob) -> None:
    screen = OutputFilter([hook(screen_output=lambda text: Refuse("No."))], job)
    with pytest.raises(Refused):
        screen.whole("note")
    assert isinstance(screen.fault, Refused)
