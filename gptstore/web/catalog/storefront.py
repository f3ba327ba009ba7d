"""The home of the catalogue: all of a small one by category, and of a large one what is worth a look."""

from dataclasses import dataclass, field
from itertools import groupby

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from gptstore.accounts.models import User
from gptstore.catalog.lists import FEATURED, NEW, POPULAR, cards, count_up_to, first_of_each
from gptstore.catalog.models import Category, Tool, ToolQuerySet
from gptstore.jobs.models import Job
from gptstore.web.catalog.cards import Card, make_cards

Person = User | AnonymousUser

FEW = 24
"""The number of tools up to which the home shows them all, and none of them twice."""

CARDS = 6
FEWER_CARDS = 3
MAX_FULL = 4
MAX_SECTIONS = 8
"""The number of categories that show tools, more than MAX_FULL of them FEWER_CARDS each. The others are links."""

LAST_JOBS = 100


@dataclass(frozen=True)
class Section:
    """A part of the home. category: the one whose first tools these are, of `total`; None for other parts."""

    name: str
    title: str
    cards: list[Card]
    summary: str = ""
    category: Category | None = None
    total: int = 0


@dataclass(frozen=True)
class Storefront:
    """The home. total: how many tools there are to see. others: the categories without a section, and their numbers."""

    total: int
    sections: list[Section]
    others: list[tuple[Category, int]] = field(default_factory=list)
    is_large: bool = False


def open_storefront(user: Person) -> Storefront:
    """Return the home as this person sees it. Which of the two it is, the kept numbers decide."""
    numbers = {category: category.number_for(user) for category in Category.objects.all()}
    listed = Tool.objects.listed_for(user)
    if sum(numbers.values()) <= FEW:
        few = list(cards(listed).order_by("id")[: FEW + 1])
        if len(few) <= FEW:
            return show_all(few)
    return show_best(user, listed, numbers)


def number_of_tools(user: Person, listed: ToolQuerySet) -> int:
    """Return how many tools there are to see, as the home says it."""
    kept = sum(category.number_for(user) for category in Category.objects.all())
    return kept if kept > FEW else count_up_to(listed, FEW)


def show_all(tools: list[Tool]) -> Storefront:
    """Return the small home: each category with all of its tools."""
    ordered = sorted(tools, key=lambda tool: (tool.category.position, tool.category.title, tool.title))
    groups = [list(its) for _category, its in groupby(ordered, key=lambda tool: tool.category)]
    return Storefront(len(tools), [section_of(its[0].tool.category, its) for its in make_cards(*groups)])


def show_best(user: Person, listed: ToolQuerySet, numbers: dict[Category, int]) -> Storefront:
    """Return the large home: each part with the first tools of its list."""
    known = [category for category, number in numbers.items() if number]
    shown = known[:MAX_SECTIONS]
    lists = [
        (listed.filter(featured_position__isnull=False), FEATURED),
        (listed.filter(runs_week__gt=0), POPULAR),
        (listed, NEW),
        *((listed.filter(category=category), POPULAR) for category in shown),
    ]
    featured, trending, new, *first = first_of_each(lists, CARDS)
    size = CARDS if len(shown) <= MAX_FULL else FEWER_CARDS
    made = make_cards(last_run(user, listed), featured, trending, new, *(tools[:size] for tools in first))
    titles = [("yours", _("Your tools")), ("featured", FEATURED.title), ("trending", _("Trending")), ("new", NEW.title)]
    parts = [Section(name, str(title), its) for (name, title), its in zip(titles, made[:4], strict=True)]
    parts += [section_of(category, its, numbers[category]) for category, its in zip(shown, made[4:], strict=True)]
    others = [(category, numbers[category]) for category in known[MAX_SECTIONS:]]
    return Storefront(sum(numbers.values()), [part for part in parts if part.cards], others, is_large=True)


def section_of(category: Category, its: list[Card], total: int = 0) -> Section:
    """Return the section of a category. total: how many tools it has, where it does not show them all."""
    summary = _(category.summary) if category.summary else ""
    return Section(f"category-{category.slug}", _(category.title), its, summary, category, total)


def last_run(user: Person, listed: ToolQuerySet) -> list[Tool]:
    """Return the tools that this person ran last, among their last jobs, as far as they are listed for them."""
    if not user.is_authenticated:
        return []
    jobs = Job.objects.filter(owner=user.pk).order_by("-id").values_list("tool", flat=True)[:LAST_JOBS]
    ids = list(dict.fromkeys(jobs))
    found = cards(listed.order_by()).in_bulk(ids[: 2 * CARDS])
    return [found[tool] for tool in ids if tool in found][:CARDS]
