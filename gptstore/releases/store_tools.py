"""The changes to what admins decide about a tool: who sees it, where it stands, and what a run of it takes."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib.auth.models import Group

from gptstore.audit.record import record
from gptstore.catalog import decisions
from gptstore.catalog.models import Category, Tool, Visibility
from gptstore.releases.errors import ReleaseError
from gptstore.releases.store_change import WHY, Change
from gptstore.releases.store_file import ToolEntry

MAX_NAMED = 20


def changes_of_decisions(tool: Tool, entry: ToolEntry) -> Iterator[Change]:
    """Yield what differs from the entry. Raises ReleaseError."""
    if entry.visibility is not None:
        yield from changes_of_audience(tool, entry.visibility, entry.groups or [])
    if entry.category is not None:
        yield from changes_of_category(tool, entry.category)
    if entry.featured is not None:
        position = None if entry.featured is False else entry.featured
        if position != tool.featured_position:
            text = f"{tool.slug}: featured {shown(tool.featured_position)} → {shown(position)}"
            yield Change(text, partial(set_columns, tool, featured_position=position))
    if entry.limits is not None and entry.limits != tool.admin_limits:
        text = f"{tool.slug}: limits {limits_of(tool.admin_limits)} → {limits_of(entry.limits)}"
        yield Change(text, partial(set_columns, tool, admin_limits=entry.limits))


def changes_of_audience(tool: Tool, visibility: str, names: list[str]) -> Iterator[Change]:
    groups = [*Group.objects.filter(name__in=names)]
    if missing := sorted({*names} - {group.name for group in groups}):
        there = ", ".join(Group.objects.order_by("name").values_list("name", flat=True)[:MAX_NAMED]) or "none"
        raise ReleaseError(
            f"{tool.slug}: there is no group {' and no '.join(missing)}. Add it in the admin, under Groups. "
            f"Groups that there are: {there}."
        )
    its = sorted(tool.groups.values_list("name", flat=True)) if tool.visibility == Visibility.GROUPS else []
    before, after = audience(tool.visibility, its), audience(visibility, sorted({*names}))
    if before != after:
        yield Change(f"{tool.slug}: visibility {before} → {after}", partial(show_to, tool, visibility, groups))


def changes_of_category(tool: Tool, slug: str) -> Iterator[Change]:
    before = tool.category.slug if tool.category_chosen else "its author's"
    if not slug:
        if tool.category_chosen:
            yield Change(f"{tool.slug}: category {before} → its author's", partial(move, tool, None))
        return
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        there = ", ".join(Category.objects.values_list("slug", flat=True)[:MAX_NAMED]) or "none"
        raise ReleaseError(
            f"{tool.slug}: there is no category {slug}. Add it in the admin, under Categories. "
            f"Categories that there are: {there}."
        )
    if not (tool.category_chosen and tool.category == category):
        yield Change(f"{tool.slug}: category {before} → {slug}", partial(move, tool, category))


def audience(visibility: str, names: list[str]) -> str:
    return f"groups ({', '.join(names)})" if visibility == Visibility.GROUPS else visibility


def limits_of(limits: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {limits[name]}" for name in sorted(limits)) or "none"


def shown(position: int | None) -> str:
    return "no" if position is None else str(position)


def show_to(tool: Tool, visibility: str, groups: list[Group]) -> None:
    decisions.show_to([tool.pk], visibility, groups)
    names = {"groups": sorted(group.name for group in groups)} if groups else {}
    record(None, "tool.change", tool.slug, visibility=visibility, **names, why=WHY)


def move(tool: Tool, category: Category | None) -> None:
    decisions.move_back([tool.pk]) if category is None else decisions.move([tool.pk], category)
    named = category.slug if category else "as its author says"
    record(None, "tool.change", tool.slug, category=named, why=WHY)


def set_columns(tool: Tool, **values: Any) -> None:
    Tool.objects.filter(pk=tool.pk).update(**values)
    record(None, "tool.change", tool.slug, **values, why=WHY)
