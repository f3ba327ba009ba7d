"""Keeps the tags of tools as rows, by which the pages of tags find them."""

from gptstore.catalog.models import Tool, ToolTag

MAX_TAG = ToolTag._meta.get_field("tag").max_length or 0


def keep_tags(tool: Tool) -> None:
    """Make the rows of a tool those of its `tags`. One that is too long for a page has no row."""
    wanted = {str(tag) for tag in tool.tags if 0 < len(str(tag)) <= MAX_TAG}
    kept = set(tool.tag_rows.values_list("tag", flat=True))
    if gone := kept - wanted:
        tool.tag_rows.filter(tag__in=gone).delete()
    ToolTag.objects.bulk_create([ToolTag(tool=tool, tag=tag) for tag in sorted(wanted - kept)], ignore_conflicts=True)
