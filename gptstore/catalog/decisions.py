"""What admins decide about tools, for many at once: a few statements each. They say which tools it changed."""

from collections.abc import Collection, Iterable, Iterator

from django.contrib.auth.models import Group
from django.db.models import Max, Q

from gptstore.catalog.models import Category, Tool, Visibility
from gptstore.catalog.sync import find_category
from gptstore.catalog.tool_counts import keep_tool_counts

CHUNK = 1_000
MAX_POSITION = 32_767
"""The largest that the column takes on every database."""

Slugs = list[str]


def switch(tools: Collection[int], enabled: bool) -> Slugs:
    return change(tools, ~Q(enabled=enabled), enabled=enabled)


def feature(tools: Collection[int]) -> Slugs:
    """Put those behind the ones that are featured already, together: among themselves they go by title."""
    last = Tool.objects.aggregate(last=Max("featured_position"))["last"] or 0
    return change(tools, Q(featured_position=None), featured_position=min(last + 1, MAX_POSITION))


def unfeature(tools: Collection[int]) -> Slugs:
    return change(tools, Q(featured_position__isnull=False), featured_position=None)


def move(tools: Collection[int], category: Category) -> Slugs:
    """Move them to a category, in which a sync leaves them."""
    return change(tools, ~Q(category=category, category_chosen=True), category=category, category_chosen=True)


def move_back(tools: Collection[int]) -> Slugs:
    """Move them to the categories that their authors name."""
    moved: Slugs = []
    chosen = Tool.objects.filter(category_chosen=True)
    named = {
        slug for ids in chunks(tools) for slug in chosen.filter(pk__in=ids).values_list("authors_category", flat=True)
    }
    for slug in sorted(named):
        where = Q(category_chosen=True, authors_category=slug)
        to = {"category": find_category(slug)} if slug else {}
        moved += change(tools, where, **to, category_chosen=False)
    return moved


def show_to(tools: Collection[int], visibility: str, groups: Collection[Group]) -> Slugs:
    """Set who may see and launch them. groups: theirs from now on, where it is for members of groups."""
    if visibility != Visibility.GROUPS:
        return change(tools, ~Q(visibility=visibility), visibility=visibility)
    wanted = {group.pk for group in groups}
    Membership = Tool.groups.through
    changed: Slugs = []
    for ids in chunks(tools):
        given: dict[int, set[int]] = {}
        for tool, group in Membership.objects.filter(tool__in=ids).values_list("tool", "group"):
            given.setdefault(tool, set()).add(group)
        those = Tool.objects.filter(pk__in=ids).values_list("pk", "slug", "visibility").order_by("slug")
        differ = [(pk, slug) for pk, slug, now in those if now != visibility or given.get(pk, set()) != wanted]
        pks = [pk for pk, _slug in differ]
        Membership.objects.filter(tool__in=pks).exclude(group__in=wanted).delete()
        rows = [Membership(tool_id=pk, group_id=group) for pk in pks for group in wanted - given.get(pk, set())]
        Membership.objects.bulk_create(rows, batch_size=CHUNK, ignore_conflicts=True)
        Tool.objects.filter(pk__in=pks).update(visibility=visibility)
        changed += [slug for _pk, slug in differ]
    keep_tool_counts()
    return changed


def change(tools: Collection[int], differs: Q, **values: object) -> Slugs:
    """Give the tools that differ these values, and return which they were."""
    changed: Slugs = []
    for ids in chunks(tools):
        those = dict(Tool.objects.filter(differs, pk__in=ids).order_by("slug").values_list("pk", "slug"))
        Tool.objects.filter(pk__in=those).update(**values)
        changed += those.values()
    keep_tool_counts()
    return changed


def chunks(tools: Iterable[int]) -> Iterator[list[int]]:
    ids = sorted(tools)
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
