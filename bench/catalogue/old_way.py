"""What the store did when its catalogue was small: it read all tools for each page, and counted all jobs."""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from django.db.models import Max, Min
from django.db.models.functions import TruncDay

from bench.catalogue.texts import CHINESE_QUERY, ENGLISH_QUERY
from gptstore.catalog.models import Tool
from gptstore.jobs.listing import holds
from gptstore.jobs.models import Job

ON_A_PAGE = 100


def measure_old_way() -> dict[str, float]:
    """Return milliseconds, without the time that a page takes to be written and sent."""
    return {
        "home: all tools are read": timed(lambda: len(all_tools())),
        "search: all tools are read and ranked": timed(lambda: search(all_tools(), ENGLISH_QUERY)),
        "search in Chinese": timed(lambda: search(all_tools(), CHINESE_QUERY)),
        "admin: jobs: counted, with days": timed(old_jobs),
        "admin: jobs of a tool: all tools to choose from": timed(lambda: [*Tool.objects.values_list("pk", "title")]),
        "admin: jobs that hold a word": timed(lambda: Job.objects.filter(holds("nothing has this")).count()),
    }


def timed(work: Callable[[], Any]) -> float:
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1000


def all_tools() -> list[Tool]:
    listed = Tool.objects.listed().order_by("category__position", "category__title", "title")
    return list(listed.defer("description", "input_schema", "examples"))


def search(tools: Iterable[Tool], query: str) -> list[Tool]:
    words = query.casefold().split()
    ranked = [(rank(tool, words), tool) for tool in tools]
    return [tool for score, tool in sorted(ranked, key=lambda pair: -pair[0]) if score]


def rank(tool: Tool, words: list[str]) -> int:
    scores = [score(tool, word) for word in words]
    return sum(scores) if all(scores) else 0


def score(tool: Tool, word: str) -> int:
    chinese = tool.translations.get("zh-Hans", {})
    titles = [str(title).casefold() for title in (tool.title, chinese.get("title", ""))]
    if any(title.startswith(word) for title in titles):
        return 8
    if any(word in title for title in titles):
        return 6
    if any(word in str(tag).casefold() for tag in tool.tags):
        return 4
    return 1 if word in tool.summary.casefold() or word in str(chinese.get("summary", "")).casefold() else 0


def old_jobs() -> None:
    """Do what Django's list of jobs did: count, find the first and the last day, cut all times to days, read a page."""
    Job.objects.count()
    Job.objects.aggregate(Min("created_at"), Max("created_at"))
    list(Job.objects.annotate(day=TruncDay("created_at")).order_by("day").values_list("day", flat=True).distinct())
    list(Job.objects.select_related("tool", "owner").defer("input", "output", "logprobs")[:ON_A_PAGE])
