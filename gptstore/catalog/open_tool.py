"""Finds one tool for somebody who wants to run it."""

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool, decides_who_sees

# As `open_to` says it of many tools, without their categories: to compile Django's own query takes longer than a whole
# launch otherwise. Who may see a tool is decided within the one statement, so that its time tells nothing.
_OPEN = """
SELECT tool.* FROM catalog_tool AS tool
WHERE tool.slug = %s AND tool.enabled AND tool.installed AND (
    tool.visibility IN ('public', 'signed_in', 'hidden')
    OR tool.visibility = 'groups' AND (%s OR EXISTS (
        SELECT 1 FROM catalog_tool_groups AS audience
        JOIN accounts_user_groups AS member ON member.group_id = audience.group_id
        WHERE audience.tool_id = tool.id AND member.user_id = %s
    ))
)
"""


def find_open(user: User, slug: str) -> Tool | None:
    """Return the tool if it is open to this person, who is signed in; None as if it were not there."""
    found = Tool.objects.raw(_OPEN, [slug, decides_who_sees(user), user.pk])
    return next(iter(found), None)
