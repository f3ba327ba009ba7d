"""The evidence of a run, from the clients, the database and the faults. All times are seconds since 1970."""

from collections import Counter
from dataclasses import dataclass, field

from bench.chaos.plugin.gptstore_chaos.text import lines

FINAL = frozenset({"succeeded", "failed", "canceled"})


@dataclass
class Order:
    """One job as its client sees it: its input, the ids in the answers, the text of its events.

    canceled_at: when the store answered the request to cancel; cancel_asked: whether one was sent at all.
    heard: the text that a reader of the events put together, once `finished` reached it; trail: the events' names.
    """

    number: int
    owner: str
    key: str
    seed: int
    words: int
    pause_ms: int
    follows: bool = False
    ids: set[str] = field(default_factory=set)
    accepted_at: float | None = None
    cancel_asked: bool = False
    canceled_at: float | None = None
    heard: str | None = None
    trail: list[str] = field(default_factory=list)

    @property
    def input(self) -> dict[str, int]:
        return {"seed": self.seed, "words": self.words, "pause_ms": self.pause_ms}

    @property
    def seconds(self) -> float:
        """Return the seconds that its tool takes at least: it pauses after each word."""
        return self.words * self.pause_ms / 1000

    @property
    def text(self) -> str:
        """Return the text that the answer must be."""
        return "".join(lines(self.seed, self.words))


@dataclass(frozen=True)
class Row:
    """A job as it is stored at the end."""

    id: str
    owner: str
    key: str
    status: str
    error_code: str
    attempt: int
    input: dict[str, int]
    output: str
    completion_tokens: int


@dataclass(frozen=True)
class Claim:
    job: str
    attempt: int
    worker: str
    at: float


@dataclass(frozen=True)
class End:
    """A job became final, or was changed after it was."""

    job: str
    attempt: int
    status: str
    at: float


@dataclass(frozen=True)
class Fault:
    """A fault. worker: the name of the worker that was hit; job: the one whose message was lost."""

    kind: str
    at: float
    seconds: float = 0.0
    worker: str = ""
    job: str = ""


@dataclass
class Evidence:
    """All evidence. stuck: jobs that had not ended a minute after all was over; answers: counts of the web's answers.

    surprises: unplanned events, such as an answer 500 or a process that ended by itself.
    """

    orders: list[Order] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    accept_seconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
