"""The pages of a tool and of a run say who sees the tool, where not everybody does."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Status
from harness.rows import make_job

pytestmark = pytest.mark.django_db
SAID = {
    "public": "",
    "signed_in": "Only people who are signed in see this tool.",
    "groups": "Only members of Audit, Legal and Sales see this tool.",
    "hidden": "This tool is in no list. Whoever knows its address can open it.",
}


@pytest.fixture
def member(client: Client, owner: User, echo: Tool) -> User:
    for name in ("Sales", "Legal", "Audit"):
        group = Group.objects.create(name=name)
        owner.groups.add(group)
        echo.groups.add(group)
    client.force_login(owner)
    return owner


@pytest.mark.parametrize("visibility", SAID)
def test_who_sees_a_tool_is_said(visibility: str, client: Client, member: User, echo: Tool) -> None:
    Tool.objects.update(visibility=visibility)
    run = make_job(member, echo, Status.SUCCEEDED)
    for address in ("/tools/echo/", f"/runs/{run.id}/"):
        page = client.get(address).text

        assert [one for one in SAID.values() if one and one in page] == [one for one in [SAID[visibility]] if one]
    assert ("noindex" in client.get("/tools/echo/").text) == (visibility != "public")


def test_a_tool_whose_groups_are_gone_is_for_admins(client: Client, echo: Tool, admin_user: User) -> None:
    Tool.objects.update(visibility="groups")
    client.force_login(admin_user)

    assert "Only admins see this tool." in client.get("/tools/echo/").text
