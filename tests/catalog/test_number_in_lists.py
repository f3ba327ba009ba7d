"""How many tools the lists show: as many as they have, counted by an index that holds nothing else."""

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool, Visibility
from gptstore.catalog.tool_counts import number_in_lists
from harness.rows import make_tool, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[User | AnonymousUser]:
    """A guest, a member of the tools' group, one of another, and staff with the right to change tools and without."""
    member, stranger = make_user("member"), make_user("stranger")
    deciding, staff = make_user("deciding", is_staff=True), make_user("staff", is_staff=True)
    ours, others = Group.objects.create(name="ours"), Group.objects.create(name="others")
    member.groups.add(ours, others)
    stranger.groups.add(others)
    deciding.user_permissions.add(Permission.objects.get(codename="change_tool"))
    for number, (visibility, category) in enumerate(product(Visibility, ("writing", "code"))):
        tool = make_tool(f"tool-{number}", visibility=visibility, category=category)
        tool.groups.add(ours, others) if number % 2 else tool.groups.add(ours)
    make_tool("off", enabled=False)
    make_tool("gone", installed=False)
    return [AnonymousUser(), member, stranger, deciding, staff]


@pytest.mark.parametrize("category", ["", "writing", "code", "nowhere"])
def test_it_is_the_number_of_those_that_are_listed(people: list[User | AnonymousUser], category: str) -> None:
    numbers = []
    for person in people:
        listed = Tool.objects.listed_for(person)
        listed = listed.filter(category__slug=category) if category else listed
        numbers.append(number_in_lists(person, category))
        assert numbers[-1] == listed.count(), person
    assert len({*numbers}) > 1 or category == "nowhere"


def test_an_index_is_enough(people: list[User | AnonymousUser]) -> None:
    for person in people:
        with CaptureQueriesContext(connection) as captured:
            number_in_lists(person)
        counts = [query["sql"] for query in captured if query["sql"].startswith("SELECT COUNT(*)")]
        plans = [plan_of(count) for count in counts if "catalog_tool_groups" not in count]
        assert len(plans) == 1 and "tool_visibility" in plans[0], plans


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}")
        return str(cursor.fetchall())
