"""The changes to what admins decide about a tool: who sees it, where it stands, and what a run of it takes."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib.auth.models import Group

from gptstore.catalog import decisions
from gptstore.catalog.intake import SLUG_FORM
from gptstore.catalog.models import Category, Tool, Visibility
from gptstore.catalog.sync import find_category
from gptstore.releases.errors import ReleaseError
from gptstore.releases.store_change import Cause, Change
from gptstore.releases.store_file import ToolEntry
from gptstore.sdk.text_limits import is_slug

MAX_NAMED = 20


def changes_of_decisions(tool: Tool, entry: ToolEntry, cause: Cause) -> Iterator[Change]:
    """Yield what differs from the entry. Raises ReleaseError."""
    if entry.visibility is not None:
        yield from changes_of_audience(tool, entry.visibility, entry.groups or [], cause)
    if entry.category is not None:
        yield from changes_of_category(tool, entry.category, cause)
    if entry.featured is not None:
        position = None if entry.featured is False else entry.featured
        if position != tool.featured_position:
            text = f"{tool.slug}: featured {shown(tool.featured_position)} → {shown(position)}"
            yield Change(text, partial(set_columns, tool, cause, featured_position=position))
    if entry.limits is not None and entry.limits != tool.admin_limits:
        text = f"{tool.slug}: limits {limits_of(tool.admin_limits)} → {limits_of(entry.limits)}"
        yield Change(text, partial(set_columns, tool, cause, admin_limits=entry.limits))


def changes_of_audience(tool: Tool, visibility: str, names: list[str], cause: Cause) -> Iterator[Change]:
    missing = sorted({*names} - {*Group.objects.filter(name__in=names).values_list("name", flat=True)})
    if missing and not cause.makes_missing:
        there = ", ".join(Group.objects.order_by("name").values_list("name", flat=True)[:MAX_NAMED]) or "none"
        raise ReleaseError(
            f"{tool.slug}: there is no group {' and no '.join(missing)}. Add it in the admin, under Groups. "
            f"Groups that there are: {there}."
        )
    its = sorted(tool.groups.values_list("name", flat=True)) if tool.visibility == Visibility.GROUPS else []
    before, after = audience(tool.visibility, its), audience(visibility, sorted({*names}))
    if before != after:
        shown = audience(visibility, [f"{name}, new" if name in missing else name for name in sorted({*names})])
        yield Change(f"{tool.slug}: visibility {before} → {shown}", partial(show_to, tool, visibility, names, cause))


def changes_of_category(tool: Tool, slug: str, cause: Cause) -> Iterator[Change]:
    before = tool.category.slug if tool.category_chosen else "its author's"
    if not slug:
        if tool.category_chosen:
            yield Change(f"{tool.slug}: category {before} → its author's", partial(move, tool, "", cause))
        return
    if not is_slug(slug):
        raise ReleaseError(f"{tool.slug}: {slug!r} is no category. {SLUG_FORM.capitalize()}.")
    is_there = Category.objects.filter(slug=slug).exists()
    if not is_there and not cause.makes_missing:
        there = ", ".join(Category.objects.values_list("slug", flat=True)[:MAX_NAMED]) or "none"
        raise ReleaseError(
            f"{tool.slug}: there is no category {slug}. Add it in the admin, under Categories. "
            f"Categories that there are: {there}."
        )
    if not (tool.category_chosen and tool.category.slug == slug):
        after = slug if is_there else f"{slug} (new)"
        yield Change(f"{tool.slug}: category {before} → {after}", partial(move, tool, slug, cause))


def audience(visibility: str, names: list[str]) -> str:
    return f"groups ({', '.join(names)})" if visibility == Visibility.GROUPS else visibility


def limits_of(limits: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {limits[name]}" for name in sorted(limits)) or "none"


def shown(position: int | None) -> str:
    return "no" if position is None else str(position)


def show_to(tool: Tool, visibility: str, names: list[str], cause: Cause) -> None:
    groups = [Group.objects.get_or_create(name=name)[0] for name in sorted({*names})]
    decisions.show_to([tool.pk], visibility, groups)
    named = {"groups": [group.name for group in groups]} if groups else {}
    cause.record("tool.change", tool.slug, visibility=visibility, **named)


def move(tool: Tool, slug: str, cause: Cause) -> None:
    decisions.move([tool.pk], find_category(slug)) if slug else decisions.move_back([tool.pk])
    cause.record("tool.change", tool.slug, category=slug or "as its author says")


def set_columns(tool: Tool, cause: Cause, **values: Any) -> None:
    Tool.objects.filter(pk=tool.pk).update(**values)
    cause.record("tool.change", tool.slug, **values)
