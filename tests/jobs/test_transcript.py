"""In which events a run's words are told, whenever they are taken."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gptstore.jobs.events.events import FINISHED, LOG, OUTPUT, PROGRESS, Event
from gptstore.jobs.events.transcript import Transcript

TAKE = "take"
WORDS = st.tuples(st.just(OUTPUT), st.text(max_size=3))
LINES = st.tuples(st.sampled_from([LOG, PROGRESS]), st.text(max_size=3))
SAID = st.lists(WORDS | LINES, max_size=20)
SAID_AND_TAKEN = st.lists(WORDS | LINES | st.just((TAKE, "")), max_size=30)


def say(transcript: Transcript, name: str, text: str) -> None:
    if name == OUTPUT:
        transcript.output(text, tokens=1, logprobs=[(text, -1.0, [])] if text else [])
    else:
        transcript.add(Event(name, {"message": text}))


def text_of(events: list[Event]) -> str:
    return "".join(event.data["text"] for event in events if event.name == OUTPUT)


def lines_of(events: list[Event]) -> list[str]:
    return [event.data["message"] for event in events if event.name == LOG]


@given(SAID_AND_TAKEN)
def test_nothing_is_missing_nothing_comes_twice_and_the_order_stays(said: list[tuple[str, str]]) -> None:
    transcript, taken = Transcript(), []
    for name, text in said:
        if name == TAKE:
            taken += transcript.take()
        else:
            say(transcript, name, text)
    taken += transcript.take()
    assert text_of(taken) == transcript.text == "".join(text for name, text in said if name == OUTPUT)
    assert "".join(token for event in taken for token, _, _ in event.data.get("logprobs", ())) == transcript.text
    assert sum(event.tokens for event in taken) == transcript.tokens == sum(name == OUTPUT for name, _ in said)
    assert without_texts(taken) == [(name, text) for name, text in without_replaced(said) if name not in (TAKE, OUTPUT)]
    assert [text_before(number, taken) for number, event in enumerate(taken) if event.name == LOG] == [
        "".join(text for name, text in said[:number] if name == OUTPUT)
        for number, (name, _) in enumerate(said)
        if name == LOG
    ]
    assert transcript.take() == []


@given(SAID, SAID)
def test_the_whole_has_all_of_the_text_and_the_rest_that_was_not_taken(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    transcript = Transcript()
    for name, text in before:
        say(transcript, name, text)
    transcript.take()
    for name, text in after:
        say(transcript, name, text)
    whole = transcript.take(whole=True)
    assert text_of(whole) == transcript.text
    assert sum(event.tokens for event in whole) == transcript.tokens
    assert lines_of(whole) == [text for name, text in after if name == LOG]
    assert (OUTPUT, OUTPUT) not in pairwise(event.name for event in whole)


def test_many_words_become_one_event() -> None:
    transcript = Transcript()
    for _ in range(10_000):
        transcript.output("word ", 1)
        transcript.add(Event(PROGRESS, {"done": 1}))
    assert [event.name for event in transcript.take()] == [OUTPUT, PROGRESS]


def test_the_end_comes_last() -> None:
    transcript = Transcript()
    transcript.output("word", 1)
    transcript.add(Event(FINISHED))
    assert transcript.ends
    assert [event.name for event in transcript.take()] == [OUTPUT, FINISHED]
    assert not transcript.ends


def without_texts(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.name, event.data["message"]) for event in events if event.name != OUTPUT]


def without_replaced(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without the progress that another one follows before the next take."""
    kept = []
    for number, (name, text) in enumerate(said):
        later = [name for name, _ in said[number + 1 :]]
        upto = later[: later.index(TAKE)] if TAKE in later else later
        if name != PROGRESS or PROGRESS not in upto:
            kept.append((name, text))
    return kept


def text_before(number: int, events: list[Event]) -> str:
    return text_of(events[:number])
