"""One tool is found for who may run it, by one statement that says of everybody what `open_to` says."""

from itertools import product

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool, Visibility
from gptstore.catalog.open_tool import find_open
from harness.rows import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(echo: Tool) -> list[User]:
    """A member of its group, one of another, somebody else, and staff with the right to change tools and without."""
    member, stranger, plain = (make_user(name) for name in ("member", "stranger", "plain"))
    deciding, staff = make_user("deciding", is_staff=True), make_user("staff", is_staff=True)
    ours, others = Group.objects.create(name="ours"), Group.objects.create(name="others")
    echo.groups.add(ours)
    member.groups.add(ours)
    stranger.groups.add(others)
    deciding.user_permissions.add(Permission.objects.get(codename="change_tool"))
    return [member, stranger, plain, deciding, staff]


def test_it_says_of_everybody_what_the_lists_say(echo: Tool, people: list[User]) -> None:
    open_to = []
    for visibility, enabled, installed in product(Visibility, (True, False), (True, False)):
        Tool.objects.update(visibility=visibility, enabled=enabled, installed=installed)
        for user in people:
            expected = Tool.objects.open_to(user).filter(slug="echo").first()
            assert find_open(user, "echo") == expected, (visibility, enabled, installed, user)
            open_to.append(expected is not None)
    assert {*open_to} == {True, False}
    assert find_open(people[0], "other") is None


def test_it_is_one_statement_whether_or_not_it_is_open(echo: Tool, people: list[User]) -> None:
    Tool.objects.update(visibility=Visibility.GROUPS)
    for user, slug in [(people[0], "echo"), (people[1], "echo"), (people[1], "nowhere")]:
        with CaptureQueriesContext(connection) as captured:
            found = find_open(user, slug)
        assert (found is not None) == (user == people[0])
        assert len(captured) == 1
