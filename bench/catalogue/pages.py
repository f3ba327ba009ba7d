"""The pages that are measured. Needs Django's settings."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from bench.catalogue.texts import CHINESE_QUERY, ENGLISH_QUERY
from gptstore.accounts.models import User
from gptstore.catalog.models import Category, Tool
from gptstore.jobs.models import Job

Caller = Literal["guest", "person", "admin", "key"]


@dataclass(frozen=True)
class Page:
    name: str
    address: str
    caller: Caller = "guest"
    language: str = "en"


def find_pages() -> list[Page]:
    """Return the pages, with rows in the middle of the tables where they need some."""
    tool = Tool.objects.order_by("-id")[Tool.objects.count() // 2]
    person = User.objects.get(username="crowd-0")
    job = Job.objects.filter(owner=person)[0]
    category = Category.objects.order_by("id")[0]
    jobs, tools = "/admin/jobs/job/", "/admin/catalog/tool/"
    return [
        Page("home", "/"),
        Page("home, signed in", "/", "person"),
        Page("category", f"/categories/{category.slug}/"),
        Page("search", f"/?q={quote(ENGLISH_QUERY)}"),
        Page("search in Chinese", f"/?q={quote(CHINESE_QUERY)}", language="zh-hans"),
        Page("tool", f"/tools/{tool.slug}/"),
        Page("my runs", "/runs/", "person"),
        Page("my runs, searched", f"/runs/?q={quote('nothing has this')}", "person"),
        Page("API: tools", "/api/v1/tools?limit=20", "key"),
        Page("API: tools, by cursor", "/api/v1/tools?limit=20&cursor=", "key"),
        Page("API: tools, searched", f"/api/v1/tools?limit=20&search={quote(ENGLISH_QUERY)}", "key"),
        Page("admin: jobs", jobs, "admin"),
        Page("admin: jobs, half-way", f"{jobs}?after={job.pk}", "admin"),
        Page("admin: jobs, failed", f"{jobs}?status__exact=failed", "admin"),
        Page("admin: jobs of a tool", f"{jobs}?tool__id__exact={tool.pk}", "admin"),
        Page("admin: jobs of a person", f"{jobs}?q={person.username}", "admin"),
        Page("admin: jobs, no index", f"{jobs}?worker__exact=nobody&status__exact=succeeded", "admin"),
        Page("admin: tools", tools, "admin"),
        Page("admin: tools, searched", f"{tools}?q={tool.slug[:6]}", "admin"),
        Page("admin: a tool to filter by", f"{AUTOCOMPLETE}&term={tool.slug[:6]}", "admin"),
        Page("admin: audit", "/admin/audit/auditevent/", "admin"),
        Page("admin: dashboard", "/admin/", "admin"),
    ]


AUTOCOMPLETE = "/admin/autocomplete/?app_label=jobs&model_name=job&field_name=tool"
