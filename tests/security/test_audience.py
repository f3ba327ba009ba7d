"""Who finds a tool: each visibility, each kind of person, every route that takes a tool. A route without a row fails.

A tool that somebody may not open looks like one that is not there.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext

from gptstore.accounts.models import User
from gptstore.api.http.body_sizes import max_body_bytes
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool, ToolIcon, Visibility
from gptstore.jobs.errors import ToolUnavailable
from gptstore.jobs.lifecycle.idempotency import submit_once
from gptstore.jobs.lifecycle.states import claim_next
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from harness.rows import make_job, make_tool, make_user
from tests.security.callers import Caller, browser, make_client, program, said
from tests.security.routes import routes
from tests.security.test_leaks import plain

NAME, NOWHERE = "quincewort", "quincewart"
"""The slug of the tool, which stands in its texts, and one that is none."""
ROLES = ("guest", "signed in", "member", "staff", "admin")
EVERYBODY = {*ROLES}
OPEN_TO = {
    Visibility.PUBLIC: EVERYBODY,
    Visibility.SIGNED_IN: EVERYBODY - {"guest"},
    Visibility.GROUPS: {"member", "admin"},
    Visibility.HIDDEN: EVERYBODY,
}
LISTED_FOR = OPEN_TO | {Visibility.HIDDEN: set()}
INPUT = {"text": "hello"}


@dataclass(frozen=True)
class Ask:
    """A request, and the status of its answer for those to whom the tool is open. guest: the status for a guest."""

    method: str
    status: int
    guest: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    query: str = ""

    def send(self, caller: Caller, path: str, **options: Any) -> HttpResponseBase:
        is_api = path.startswith(("/api/", "/v1/"))
        form = {"data": json.dumps(self.data), "content_type": "application/json"} if is_api else form_of(self.data)
        return caller.call(self.method, path + self.query, **(form if self.method == "POST" else {}), **options)


def form_of(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": "&".join(f"{name}={value}" for name, value in data.items()),
        "content_type": "application/x-www-form-urlencoded",
    }


RUN = Ask("POST", 202, guest=401, data={"input": INPUT})
ROWS = {
    "tools/<slug:slug>/": [
        Ask("GET", 200),
        Ask("GET", 200, query="?example=1"),
        Ask("POST", 302, data={"input-text": "hello"}),
        Ask("POST", 422, data={"input-text": ""}),
    ],
    "tools/<slug:slug>/icon": [Ask("GET", 200), Ask("GET", 200, query="?v=0123")],
    "tools/<slug:slug>/check": [Ask("POST", 200, data={"input-text": ""}, query="?field=text")],
    "api/v1/tools/<slug:slug>": [Ask("GET", 200)],
    "api/v1/tools/<slug:slug>@<version>": [Ask("GET", 200)],
    "api/v1/tools/<slug:slug>/jobs": [RUN, Ask("POST", 422, guest=401, data={"input": {}})],
    "api/v1/tools/<slug:slug>@<version>/jobs": [RUN],
}
LISTS = ["/", "/?q={name}", "/api/v1/tools", "/api/v1/tools?search={name}", "/api/v1/tools?category=orchards"]
OPENAI = {
    "/v1/chat/completions": ("chat", {"model": "m", "messages": [{"role": "user", "content": "x"}]}),
    "/v1/completions": ("writer", {"model": "m", "prompt": "x"}),
}


@pytest.fixture
def tool(db: None) -> Tool:
    tool = make_tool(NAME, category="orchards", icon_hash="0123", examples=[{"title": "Hello", "input": INPUT}])
    ToolIcon.objects.create(tool=tool, kind="image/svg+xml", data=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    return tool


@pytest.fixture
def users(tool: Tool) -> dict[str, User]:
    member = make_user("member")
    legal = Group.objects.create(name="Legal")
    legal.user_set.add(member)
    tool.groups.add(legal)
    make_tool("elsewhere").groups.add(Group.objects.create(name="Others"))
    staff = make_user("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_tool"))
    admin = make_user("admin", is_staff=True)
    admin.user_permissions.add(Permission.objects.get(codename="change_tool"))
    return {"signed in": make_user("other"), "member": member, "staff": staff, "admin": admin}


@pytest.fixture
def browsers(users: dict[str, User]) -> dict[str, Caller]:
    return {"guest": Caller(), **{role: browser(user) for role, user in users.items()}}


@pytest.fixture
def programs(users: dict[str, User]) -> dict[str, Caller]:
    return {"guest": Caller(), **{role: program(user) for role, user in users.items()}}


def show(tool: Tool, visibility: str) -> None:
    Tool.objects.filter(pk=tool.pk).update(visibility=visibility)
    tool.refresh_from_db()


def path_of(route: str, slug: str = NAME) -> str:
    return "/" + route.replace("<slug:slug>", slug).replace("<version>", "1.2.3")


ASKS = [(route, ask) for route, its in ROWS.items() for ask in its]


def test_every_route_that_takes_a_tool_has_a_row() -> None:
    assert {route for route in routes() if "tools/<slug:slug>" in route} == ROWS.keys()


@pytest.mark.parametrize("visibility", Visibility.values)
@pytest.mark.parametrize(("route", "ask"), ASKS)
def test_it_is_open_to_those_whom_it_is_for_and_looks_like_none_to_all_others(
    route: str, ask: Ask, visibility: str, tool: Tool, browsers: dict[str, Caller], programs: dict[str, Caller]
) -> None:
    show(tool, visibility)
    found = []
    for callers in [browsers, programs] if route.startswith("api/") else [browsers]:
        for role, caller in callers.items():
            answer = ask.send(caller, path_of(route))
            none = ask.send(caller, path_of(route, NOWHERE))
            if role in OPEN_TO[Visibility(visibility)]:
                found.append((role, answer.status_code, (ask.guest if role == "guest" else None) or ask.status))
            else:
                missing = 401 if role == "guest" and ask.guest else 404
                found.append((role, answer.status_code, missing))
                assert plain(said(answer)).replace(NAME, NOWHERE) == plain(said(none)), role

    assert [(role, status) for role, status, _ in found] == [(role, expected) for role, _, expected in found]


@pytest.mark.parametrize("visibility", Visibility.values)
@pytest.mark.parametrize("address", LISTS)
def test_lists_and_searches_show_it_to_those_whom_it_is_for(
    address: str, visibility: str, tool: Tool, browsers: dict[str, Caller], programs: dict[str, Caller]
) -> None:
    show(tool, visibility)
    path = address.format(name=NAME)
    for callers in [browsers, programs] if path.startswith("/api/") else [browsers]:
        for role, caller in callers.items():
            text = said(caller.call("GET", path))

            assert (f"/tools/{NAME}" in text) == (role in LISTED_FOR[Visibility(visibility)]), role
            if address == LISTS[-1]:
                assert ('"count": 1' in text) == (role in LISTED_FOR[Visibility(visibility)]), role


@pytest.mark.parametrize("visibility", Visibility.values)
@pytest.mark.parametrize("path", OPENAI)
def test_so_it_is_with_openai_s_api(
    path: str, visibility: str, tool: Tool, programs: dict[str, Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gptstore.api.openai.completions.check_model", lambda model: None)
    slug, data = OPENAI[path]
    ask = Ask("POST", 400, guest=401, data=data)  # its input does not fit this tool's: who is told that has found it
    none = {role: said(ask.send(caller, path)) for role, caller in programs.items()}
    schema = {"type": "object", "properties": {"other": {"type": "string"}}, "required": ["other"]}
    Tool.objects.filter(pk=tool.pk).update(slug=slug, visibility=visibility, input_schema=schema)
    for role, caller in programs.items():
        answer = ask.send(caller, path)

        if role == "guest":
            assert answer.status_code == 401
        elif role in OPEN_TO[Visibility(visibility)]:
            assert answer.status_code == 400, role
        else:
            assert (answer.status_code, said(answer)) == (404, none[role]), role


@pytest.mark.parametrize("visibility", Visibility.values)
def test_a_submission_is_refused_wherever_it_comes_from(visibility: str, tool: Tool, users: dict[str, User]) -> None:
    show(tool, visibility)
    for role, user in users.items():
        if role in OPEN_TO[Visibility(visibility)]:
            assert submit(user, tool, INPUT).owner == user
            assert submit_once(user, tool, INPUT, "key")[1] is False
        else:
            with pytest.raises(ToolUnavailable):
                submit(user, tool, INPUT)
            with pytest.raises(ToolUnavailable):
                submit_once(user, tool, INPUT, "key")
            assert not Job.objects.filter(owner=user).exists()


@pytest.mark.parametrize("visibility", Visibility.values)
def test_one_tool_and_many_are_found_by_the_same_rule(visibility: str, tool: Tool, users: dict[str, User]) -> None:
    show(tool, visibility)
    for role, user in users.items():
        assert tool.is_open_to(user) == Tool.objects.open_to(user).filter(pk=tool.pk).exists()
        assert tool.is_open_to(user) == (role in OPEN_TO[Visibility(visibility)])
    Tool.objects.update(enabled=False)
    tool.refresh_from_db()
    assert not any(tool.is_open_to(user) for user in users.values())


@pytest.mark.parametrize(("route", "ask"), ASKS)
def test_no_question_more_is_asked_about_a_tool_that_is_there(
    route: str, ask: Ask, tool: Tool, browsers: dict[str, Caller], programs: dict[str, Caller]
) -> None:
    """The time of an answer would tell."""
    show(tool, Visibility.GROUPS)
    for callers in [browsers, programs] if route.startswith("api/") else [browsers]:
        asked = []
        for slug in (NOWHERE, NAME):
            with CaptureQueriesContext(connection) as queries:
                ask.send(callers["signed in"], path_of(route, slug))
            asked.append([sql.split("WHERE")[0] for sql in (one["sql"] for one in queries) if sql.startswith("SELECT")])

        assert asked[0] == asked[1]


@pytest.mark.django_db(transaction=True)
async def test_nor_does_the_longest_body_that_is_let_in(tool: Tool, programs: dict[str, Caller]) -> None:
    await Tool.objects.filter(pk=tool.pk).aupdate(
        visibility=Visibility.GROUPS, input_schema={"properties": {"a": {"type": "string"}}}
    )
    longest = {}
    for role, caller in programs.items():
        headers = [(name.lower().encode(), value.encode()) for name, value in caller.headers.items()]
        path = f"/api/v1/tools/{NAME}/jobs"
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
        longest[role] = await max_body_bytes(scope, 1_000)

    assert {role for role, length in longest.items() if length > 1_000} == OPEN_TO[Visibility.GROUPS]


def test_an_icon_is_kept_by_shared_caches_only_where_it_is_for_everybody(
    tool: Tool, browsers: dict[str, Caller]
) -> None:
    path = path_of("tools/<slug:slug>/icon") + "?v=0123"
    kept = {}
    for visibility in Visibility.values:
        show(tool, visibility)
        kept[visibility] = browsers["member"].call("GET", path)["Cache-Control"].split(",")[0]

    assert kept == {"public": "public", "signed_in": "private", "groups": "private", "hidden": "public"}


def test_who_loses_the_right_keeps_their_runs_but_launches_none(tool: Tool, users: dict[str, User]) -> None:
    show(tool, Visibility.GROUPS)
    member, client = users["member"], make_client()
    client.force_login(member)
    done = make_job(member, tool, Status.SUCCEEDED, output="an answer")
    queued = submit_once(member, tool, INPUT, "once")[0]
    assert "?from=" in client.get(f"/runs/{done.id}/").text

    member.groups.clear()

    page = client.get(f"/runs/{done.id}/").text
    assert "not open to you now" in page and "Legal" not in page
    assert "an answer" in page and "?from=" not in page and f'href="/tools/{NAME}/"' not in page
    assert client.get(f"/tools/{NAME}/?from={done.id}").status_code == 404
    assert NAME in client.get("/runs/").text.lower()
    assert client.get(f"/api/v1/jobs/{done.id}").json()["output"] == "an answer"
    again = client.post(
        f"/api/v1/tools/{NAME}/jobs", {"input": INPUT}, "application/json", headers={"Idempotency-Key": "once"}
    )
    assert again.status_code == 404
    # And what waits still runs
    claimed = claim_next("w", [NAME])
    assert claimed and claimed.id == queued.id and check_input(claimed.tool.input_schema, claimed.input)
