"""The transcript of a run: its whole text and its other events, and how much of it readers have been sent."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import count

from gptstore.jobs.events.events import FINISHED, OUTPUT, PROGRESS, Event
from gptstore.jobs.logprobs import output_data
from gptstore.sdk.logprobs import StoredLogprob


@dataclass(frozen=True)
class Place:
    """A position in the text: so many pieces, and the tokens that they took. logprobs: how many have these."""

    pieces: int = 0
    tokens: int = 0
    logprobs: int = 0


class Transcript:
    """Keeps the text with its log-probabilities for good, other events until they are taken; of progress the last."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.tokens = 0
        self.logprobs: list[StoredLogprob] = []
        self.taken = Place()
        self.others: dict[Hashable, tuple[Place, Event]] = {}
        self.numbers = count()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def here(self) -> Place:
        return Place(len(self.pieces), self.tokens, len(self.logprobs))

    @property
    def ends(self) -> bool:
        return FINISHED in self.others

    def output(self, text: str, tokens: int, logprobs: Sequence[StoredLogprob] = ()) -> None:
        self.pieces.append(text)
        self.tokens += tokens
        self.logprobs += logprobs

    def add(self, event: Event) -> None:
        name: Hashable = event.name if event.name in (PROGRESS, FINISHED) else next(self.numbers)
        self.others.pop(name, None)
        self.others[name] = (self.here, event)

    def take(self, *, whole: bool = False) -> list[Event]:
        """Return the events since the last time, in their order, with as few pieces of text as that allows.

        whole: all text since the beginning.
        """
        place, end = Place() if whole else self.taken, self.here
        events: list[Event] = []
        for added_at, event in self.others.values():
            events += [*self.between(place, added_at), event]
            place = added_at
        events += self.between(place, end)
        self.taken, self.others = end, {}
        return events

    def between(self, start: Place, end: Place) -> list[Event]:
        if start.pieces == end.pieces:
            return []
        text = "".join(self.pieces[start.pieces : end.pieces])
        logprobs = self.logprobs[start.logprobs : end.logprobs]
        return [Event(OUTPUT, output_data(text, logprobs), end.tokens - start.tokens)]
