"""What an admin decides about tools: one by its form, many by actions."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gptstore.audit.chain import verify
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Category, Tool, Visibility
from gptstore.env import Environment
from harness.rows import make_tool, make_user
from tests.web.admin.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/tool/"


@pytest.fixture
def tool() -> Tool:
    return make_tool("shout", max_seconds=90, limits={"max_log_lines": 5}, authors_category="writing")


@pytest.fixture
def legal() -> Group:
    return Group.objects.create(name="Legal")


def save(desk: Client, tool: Tool, **values: Any) -> Any:
    sent = {"enabled": "on", "visibility": "public", **values}
    answer = desk.post(f"{LIST}{tool.pk}/change/", {name: value for name, value in sent.items() if value is not None})
    tool.refresh_from_db()
    return answer


def test_a_tool_is_shown_to_members_of_groups(desk: Client, tool: Tool, legal: Group) -> None:
    assert save(desk, tool, visibility="groups", groups=[legal.pk]).status_code == 302

    assert (tool.visibility, [*tool.groups.all()]) == (Visibility.GROUPS, [legal])
    event = AuditEvent.objects.get()
    assert (event.action, event.target) == ("tool.change", "shout")
    assert event.details["changes"][0]["changed"]["fields"] == ["Who may see and launch it", "Its groups"]


def test_groups_without_a_group_are_refused_with_what_to_do(desk: Client, tool: Tool) -> None:
    answer = save(desk, tool, visibility="groups")

    assert "Choose one group or more" in answer.text
    assert tool.visibility == Visibility.PUBLIC and not AuditEvent.objects.exists()


def test_a_category_is_chosen_and_goes_back_to_the_authors(desk: Client, tool: Tool) -> None:
    code = Category.objects.create(slug="code", title="Code")

    assert "As its author says (Writing)" in desk.get(f"{LIST}{tool.pk}/change/").text
    save(desk, tool, category=code.pk)
    assert (tool.category, tool.category_chosen) == (code, True)
    assert "As its author says (Writing)" in desk.get(f"{LIST}{tool.pk}/change/").text
    save(desk, tool, category="")
    assert (tool.category.slug, tool.category_chosen) == ("writing", False)


def test_limits_stand_beside_what_the_author_and_the_site_allow(desk: Client, tool: Tool) -> None:
    page = desk.get(f"{LIST}{tool.pk}/change/").text

    assert "Its author: 90. This site: 3,600 (GPTSTORE_JOB_MAX_SECONDS)." in page
    assert "Its author: 5. This site: 10,000 (GPTSTORE_TOOL_LOG_LINES)." in page
    assert "Its author: none. This site: 10,000,000 (GPTSTORE_TOOL_OUTPUT_MB)." in page


def test_limits_are_saved_as_the_admins_and_taken_away(desk: Client, tool: Tool) -> None:
    save(desk, tool, limit_max_seconds="60", limit_max_output_bytes="1000")
    assert tool.admin_limits == {"max_seconds": 60, "max_output_bytes": 1000}
    assert (tool.max_seconds, tool.limits) == (90, {"max_log_lines": 5})
    assert AuditEvent.objects.get().details["changes"][0]["changed"]["fields"] == [
        "Longest run, in seconds",
        "Output, in bytes",
    ]
    assert 'value="60"' in desk.get(f"{LIST}{tool.pk}/change/").text

    save(desk, tool, limit_max_seconds="")
    assert tool.admin_limits == {}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("limit_max_seconds", "0", "Enter a whole number, 1 or more, or leave it empty."),
        ("limit_max_memory_mb", "15", "Enter a whole number, 16 or more, or leave it empty."),
        ("limit_max_seconds", "1.5", "Enter a whole number, 1 or more"),
        ("limit_max_seconds", "soon", "Enter a whole number, 1 or more"),
        ("limit_max_seconds", "9" * 5000, "Enter a whole number, 1 or more"),
        ("limit_max_seconds", "3601", "This site allows 3,600 at most. Enter less, leave it empty, or raise"),
        ("limit_max_output_bytes", "10000001", "This site allows 10,000,000 at most."),
        ("featured_position", "-1", "greater than or equal to 0"),
        ("featured_position", "32768", "less than or equal to 32767"),
        ("visibility", "nobody", "Select a valid choice"),
        ("groups", "77", "Select a valid choice"),
        ("category", "77", "Select a valid choice"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(
    desk: Client, tool: Tool, field: str, value: str, said: str
) -> None:
    answer = save(desk, tool, **{field: value})

    assert answer.status_code == 200 and said in answer.text
    assert tool.admin_limits == {} and not AuditEvent.objects.exists()


def test_a_limit_that_the_site_came_to_forbid_does_not_bar_other_changes(
    desk: Client, tool: Tool, settings: Any
) -> None:
    save(desk, tool, limit_max_seconds="3000")
    settings.ENV = Environment.model_validate({**settings.ENV.model_dump(), "job_max_seconds": 60})

    assert save(desk, tool, limit_max_seconds="3000", featured_position="3").status_code == 302
    assert (tool.featured_position, tool.admin_limits) == (3, {"max_seconds": 3000})


def test_a_sync_in_the_meantime_is_not_undone(desk: Client, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    from gptstore.web.admin.tool_form import ToolForm

    plain = ToolForm.clean

    def meanwhile(form: ToolForm) -> Any:
        Tool.objects.update(title="Newer", version="2", runs=7)
        return plain(form)

    monkeypatch.setattr(ToolForm, "clean", meanwhile)
    save(desk, tool, featured_position="1")

    assert (tool.title, tool.version, tool.runs, tool.featured_position) == ("Newer", "2", 7, 1)


def test_who_may_only_look_sees_no_form(tool: Tool) -> None:
    staff = make_user("sam", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_tool"))
    client = signed_in(staff)

    assert client.get(f"{LIST}{tool.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{tool.pk}/change/", {"visibility": "hidden"}).status_code == 403
    assert client.post(f"{LIST}many/audience/", {"tools": tool.pk, "visibility": "hidden"}).status_code == 403
    client.post(LIST, {"action": "switch_off", "_selected_action": [tool.pk]})
    tool.refresh_from_db()
    assert tool.enabled and tool.visibility == Visibility.PUBLIC


MANY = 5_000


@pytest.fixture
def many() -> list[int]:
    one = make_tool("tool-0", authors_category="writing")
    rows = [
        Tool(slug=f"tool-{n}", title=f"Tool {n}", summary="x", input_schema={}, version="1", plugin="p")
        for n in range(1, MANY)
    ]
    for row in rows:
        row.category, row.authors_category = one.category, "writing"
    Tool.objects.bulk_create(rows)
    return [*Tool.objects.values_list("pk", flat=True)]


ACTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "switch_off": ({}, {"enabled": False}),
    "feature": ({}, {"featured_position": 1}),
    "audience": ({"visibility": "hidden"}, {"visibility": "hidden"}),
    "audience of groups": ({"visibility": "groups"}, {"visibility": "groups"}),
    "move": ({"category": "code"}, {"category__slug": "code", "category_chosen": True}),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_five_thousand_are_changed_in_few_statements_and_each_is_recorded(
    name: str, desk: Client, many: list[int], legal: Group
) -> None:
    sent, expected = ACTIONS[name]
    code = Category.objects.create(slug="code", title="Code")
    if "category" in sent:
        sent = {"category": code.pk}
    if name == "audience of groups":
        sent = {**sent, "groups": [legal.pk]}
    with CaptureQueriesContext(connection) as queries:
        if sent:
            address = reverse("admin:catalog_tool_many", args=[name.split()[0]])
            answer = desk.post(address, {"tools": ",".join(map(str, many)), **sent}, follow=True)
        else:
            data = {"action": name, "select_across": "1", "_selected_action": many[:1]}
            answer = desk.post(LIST, data, follow=True)

    assert f"{MANY} tools were changed." in answer.text
    assert Tool.objects.filter(**expected).count() == MANY
    assert AuditEvent.objects.count() == AuditEvent.objects.values("target").distinct().count() == MANY
    assert verify()[0] == MANY
    assert len(queries) < 250  # moved tools are written to the index of search, 500 at a time
    if name == "audience of groups":
        assert legal.tools.count() == MANY
        assert AuditEvent.objects.latest("number").details == {"visibility": "groups", "groups": ["Legal"]}


def test_what_is_so_already_is_neither_changed_nor_recorded(desk: Client, tool: Tool) -> None:
    answer = desk.post(LIST, {"action": "switch_on", "_selected_action": [tool.pk]}, follow=True)

    assert "0 tools were changed." in answer.text and not AuditEvent.objects.exists()


def test_the_page_that_asks_names_the_tools_and_asks_again(desk: Client, tool: Tool) -> None:
    other = make_tool("other")
    page = desk.post(LIST, {"action": "set_audience", "_selected_action": [tool.pk, other.pk]}).text
    assert "2 tools were chosen" in page and "Shout" in page and f'value="{tool.pk},{other.pk}"' in page

    again = desk.post(f"{LIST}many/audience/", {"tools": f"{tool.pk},{other.pk}", "visibility": "groups"})
    assert again.status_code == 422 and "Choose one group or more" in again.text
    assert f'value="{tool.pk},{other.pk}"' in again.text and not AuditEvent.objects.exists()


def test_tools_are_featured_behind_others_and_taken_back(desk: Client, tool: Tool) -> None:
    first = make_tool("first", featured_position=4)
    chosen = {"_selected_action": [first.pk, tool.pk]}
    desk.post(LIST, {"action": "feature", **chosen})
    assert dict(Tool.objects.values_list("slug", "featured_position")) == {"first": 4, "shout": 5}

    desk.post(LIST, {"action": "unfeature", **chosen})
    assert not Tool.objects.exclude(featured_position=None).exists()


def test_tools_go_back_to_the_categories_of_their_authors(desk: Client, tool: Tool) -> None:
    code = Category.objects.create(slug="code", title="Code")
    new = make_tool("new", category="answers", authors_category="not-there-yet")
    tools = f"{tool.pk},{new.pk}"
    desk.post(f"{LIST}many/move/", {"tools": tools, "category": code.pk})
    assert code.tools.count() == 2

    desk.post(f"{LIST}many/move/", {"tools": tools, "category": ""})

    found = Tool.objects.values_list("slug", "category__slug", "category_chosen")
    assert {*found} == {("shout", "writing", False), ("new", "not-there-yet", False)}


@pytest.mark.parametrize("tools", ["", "x", "1,;drop", "-1", "9" * 30])
def test_an_odd_list_of_tools_changes_nothing(desk: Client, tool: Tool, tools: str) -> None:
    tool.delete()
    make_tool("far", id=1_000)
    answer = desk.post(f"{LIST}many/audience/", {"tools": tools, "visibility": "hidden"}, follow=True)

    assert "0 tools were changed." in answer.text
    assert desk.post(f"{LIST}many/nothing/", {"tools": "1000"}).status_code == 403
