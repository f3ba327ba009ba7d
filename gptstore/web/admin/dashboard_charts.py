"""Bar charts of the last hour as shapes of an SVG, drawn here: the pages allow no script to be evaluated for them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gptstore.jobs.load import MinuteOfLoad

HEIGHT = 1000
STEP, WIDTH = 10, 8
"""Units of the drawing from one bar to the next, and of a bar."""


@dataclass(frozen=True)
class Series:
    """One kind of bar. name: its class in the style sheet."""

    name: str
    title: str | Promise
    value: Callable[[MinuteOfLoad], int]


JOBS = (
    Series("done", _("Succeeded"), lambda minute: minute.succeeded),
    Series("failed", _("Failed"), lambda minute: minute.failed),
    Series("canceled", _("Canceled"), lambda minute: minute.canceled),
)
TOKENS = (Series("tokens", _("Tokens"), lambda minute: minute.tokens),)


@dataclass(frozen=True)
class Bar:
    """A rectangle, in units of the drawing."""

    name: str
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Chart:
    """Bars that stand on each other, one pile a minute."""

    minutes: Sequence[MinuteOfLoad]
    series: Sequence[Series]

    @property
    def view_box(self) -> str:
        return f"0 0 {STEP * len(self.minutes)} {HEIGHT}"

    @property
    def bar_width(self) -> int:
        return WIDTH

    @property
    def highest(self) -> int:
        return max((sum(self.values(minute)) for minute in self.minutes), default=0)

    @property
    def total(self) -> int:
        return sum(sum(self.values(minute)) for minute in self.minutes)

    @property
    def bars(self) -> Iterator[Bar]:
        for number, minute in enumerate(self.minutes):
            floor = HEIGHT
            for one, value in zip(self.series, self.values(minute), strict=True):
                height = round(HEIGHT * value / self.highest) if value else 0
                floor -= height
                if height:
                    yield Bar(one.name, STEP * number, max(0, floor), height)

    @property
    def rows(self) -> Iterator[tuple[MinuteOfLoad, list[int]]]:
        """Return the minutes in which something happened, the last one first."""
        for minute in reversed(self.minutes):
            if any(values := self.values(minute)):
                yield minute, values

    def values(self, minute: MinuteOfLoad) -> list[int]:
        return [one.value(minute) for one in self.series]
