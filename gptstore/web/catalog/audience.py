"""Says who sees a tool that is not for everybody, to those who see it."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from gptstore.catalog.models import Tool, Visibility


def audience_of(tool: Tool) -> str:
    """Return the sentence; "" for a tool that everybody sees."""
    match tool.visibility:
        case Visibility.SIGNED_IN:
            return _("Only people who are signed in see this tool.")
        case Visibility.GROUPS:
            names = [*tool.groups.order_by("name").values_list("name", flat=True)]
            if not names:
                return _("Only admins see this tool.")
            return _("Only members of %(groups)s see this tool.") % {"groups": get_text_list(names, _("and"))}
        case Visibility.HIDDEN:
            return _("This tool is in no list. Whoever knows its address can open it.")
    return ""
