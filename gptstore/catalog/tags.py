"""Keeps the tags of tools as rows, by which the pages of tags find them."""

from collections.abc import Iterable

from gptstore.catalog.models import Tool, ToolTag

MAX_TAG = ToolTag._meta.get_field("tag").max_length or 0


def keep_tags(tools: Iterable[Tool]) -> None:
    """Make the rows of these tools those of their `tags`; of a long one its beginning. Mostly one query."""
    wanted = {(tool.pk, tag) for tool in tools for tag in tags_of(tool.tags)}
    ids = [tool.pk for tool in tools]
    rows = {(tool, tag): pk for pk, tool, tag in ToolTag.objects.filter(tool__in=ids).values_list("pk", "tool", "tag")}
    if gone := [pk for row, pk in rows.items() if row not in wanted]:
        ToolTag.objects.filter(pk__in=gone).delete()
    if new := sorted(wanted - rows.keys()):
        ToolTag.objects.bulk_create((ToolTag(tool_id=tool, tag=tag) for tool, tag in new), ignore_conflicts=True)


def tags_of(tags: Iterable[object]) -> set[str]:
    return {str(tag)[:MAX_TAG] for tag in tags if str(tag)}
