from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_hidden_fields
from unfold.templatetags.unfold_list import result_headers

from gptstore.web.admin.lists.table import body

register = template.Library()


@register.inclusion_tag("admin/lists/table.html")
def keyset_list(cl: Any) -> dict[str, Any]:
    """Show the rows of a `KeysetChangeList`."""
    headers = list(result_headers(cl))
    return {
        "cl": cl,
        "result_headers": headers,
        "num_sorted_fields": sum(bool(header["sortable"] and header["sorted"]) for header in headers),
        "result_hidden_fields": list(result_hidden_fields(cl)),
        "body": body(cl, [header["text"] for header in headers]),
    }
