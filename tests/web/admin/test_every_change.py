"""Every change that a page of the admin makes is in the audit log: each form and each action of each admin is tried.

A model that is registered and not in these tables fails, and so does an action.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import ApiKey, User
from gptstore.audit.chain import verify
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import BrokenPlugin, Category, Tool, ToolSettings
from gptstore.catalog.tool_settings import note_declared
from gptstore.jobs.models import Job, Worker
from gptstore.releases.models import Plugin, Release
from gptstore.web.admin.base import audited
from gptstore.web.admin.base.audited import AuditedAdmin
from gptstore.web.admin.steps import SteppedAdmin
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.django_db

SECRET = "marker-of-a-secret-77aa"
DATES = {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}
ADDED: dict[type[Model], dict[str, Any]] = {
    User: {"username": "new", "usable_password": "true", "password1": SECRET, "password2": SECRET},
    Group: {"name": "new"},
    Category: {"title": "New", "slug": "new", "position": 1},
    EmailAddress: {"email": "new@store.example"},
}
CHANGED: dict[type[Model], dict[str, Any]] = {
    User: {"username": "renamed", "is_staff": "on", **DATES},
    Group: {"name": "renamed"},
    Category: {"title": "Renamed", "slug": "renamed", "position": 2},
    EmailAddress: {"email": "other@store.example"},
    ApiKey: {},
    Job: {},
    Tool: {"enabled": "", "visibility": "signed_in"},
    ToolSettings: {"setting_token": SECRET},
}
ACTIONS: dict[type[Model], set[str]] = {
    ApiKey: {"delete_selected", "revoke_keys"},
    Category: {"delete_selected", "merge"},
    EmailAddress: {"delete_selected", "make_verified"},
    Group: {"delete_selected"},
    Job: {"cancel_jobs"},
    Tool: {"switch_on", "switch_off", "feature", "unfeature", "set_audience", "move_to_category"},
    User: {"delete_selected"},
}
BEFORE: dict[str, dict[str, Any]] = {"switch_on": {"enabled": False}, "unfeature": {"featured_position": 1}}
WITH: dict[str, Callable[[Any], dict[str, Any]]] = {
    "merge": lambda rows: {"into": rows[Tool].category_id},
    "move_to_category": lambda rows: {"category": rows[Category].pk},
}
ASKING: dict[str, tuple[str, dict[str, Any]]] = {
    "set_audience": ("audience", {"visibility": "signed_in"}),
    "move_to_category": ("move", {}),
}
"""The actions that have a page which asks, the verb in its address, and what is entered there."""

LISTS: dict[type[Model], dict[str, Any]] = {Category: {"form-0-position": 9}, Tool: {}}
STEPPED = {Plugin, Release}
"""Their steps are functions of `gptstore.releases`, which record themselves; tests/web/admin/test_releases.py."""

SEEN_ONLY = {AuditEvent, BrokenPlugin, Worker}
import_module("gptstore.urls")  # by which the admin is loaded
MODELS = [*admin.site._registry]
Rows = dict[type[Model], Model]


@pytest.fixture
def rows(ada: User, root: User) -> Rows:
    schema = {"type": "object", "properties": {"token": {"title": "Token", "type": "string", "writeOnly": True}}}
    tool = make_tool("shout", settings_schema=schema)
    note_declared(tool)
    return {
        User: ada,
        Group: Group.objects.create(name="helpers"),
        Category: Category.objects.create(title="Empty", slug="empty"),
        EmailAddress: EmailAddress.objects.create(user=ada, email="ada@store.example"),
        ApiKey: create_key(ada, "laptop")[0],
        Job: make_job(make_user("bob"), tool),
        Tool: tool,
        ToolSettings: ToolSettings.objects.get(),
    }


def page(model: type[Model], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@contextmanager
def recorded(number: int = 1) -> Iterator[list[AuditEvent]]:
    """Fail unless what happens inside writes so many events."""
    before, found = AuditEvent.objects.count(), []
    yield found
    found += AuditEvent.objects.filter(number__gt=before).order_by("number")
    assert len(found) == number, [str(event) for event in found]
    assert all(event.actor == "root" for event in found)
    assert verify()[0] == before + number


def taken(client: Client, address: str, data: dict[str, Any]) -> None:
    response = client.post(address, data)
    assert response.status_code == 302, response.text[:3000]


def test_every_admin_is_one_that_records() -> None:
    others = [one for one in admin.site._registry.values() if not isinstance(one, AuditedAdmin)]

    assert others == []


def test_every_model_is_in_the_tables() -> None:
    assert {*MODELS} == {*CHANGED} | STEPPED | SEEN_ONLY


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_tables_have_all_that_an_admin_may_do(model: type[Model], desk: Client, root: User) -> None:
    request = desk.get("/admin/").wsgi_request
    it = admin.site.get_model_admin(model)

    assert it.has_add_permission(request) == (model in ADDED)
    assert it.has_change_permission(request) == (model in CHANGED)
    assert {*it.get_actions(request)} == ACTIONS.get(model, set())
    assert bool(it.get_list_editable(request) if hasattr(it, "get_list_editable") else it.list_editable) == (
        model in LISTS
    )
    assert it.inlines == ()
    assert isinstance(it, SteppedAdmin) == (model in STEPPED | {AuditEvent})


def test_no_admin_has_a_page_of_its_own_that_the_tables_lack() -> None:
    verbs = ("changelist", "add", "history", "delete", "change")
    usual = {f"{model._meta.app_label}_{model._meta.model_name}_{verb}" for model in MODELS for verb in verbs}
    usual |= {f"releases_release_{step.name}" for step in admin.site.get_model_admin(Release).steps}
    usual |= {f"releases_plugin_{step.name}" for step in admin.site.get_model_admin(Plugin).steps}
    reverse_dict = get_resolver("gptstore.urls").namespace_dict["admin"][1].reverse_dict

    assert {name for name in reverse_dict if isinstance(name, str)} - usual == {
        *("index", "search", "login", "logout", "autocomplete", "jsi18n", "view_on_site", "app_list"),
        *("dashboard", "fleet"),
        "catalog_tool_many",  # the pages of actions that ask, which are in ASKING
        *("fleet_drain", "fleet_resume"),  # recorded by gptstore.jobs.drain
        *("password_change", "password_change_done"),  # of one's own
        "auth_user_password_change",
        *("releases_release_code", "releases_release_bundle", "releases_plugin_state"),  # to be read
    }


@pytest.mark.parametrize("model", ADDED, ids=lambda model: model.__name__)
def test_an_addition_is_recorded(model: type[Model], desk: Client, rows: Rows) -> None:
    user = {"user": rows[User].pk} if model is EmailAddress else {}

    with recorded() as events:
        taken(desk, page(model, "add"), {**ADDED[model], **user})

    assert events[0].action == f"{model._meta.model_name}.add"


@pytest.mark.parametrize("model", CHANGED, ids=lambda model: model.__name__)
def test_a_change_is_recorded_without_its_values(model: type[Model], desk: Client, rows: Rows) -> None:
    user = {"user": rows[User].pk} if model is EmailAddress else {}

    with recorded() as events:
        taken(desk, page(model, "change", rows[model].pk), {**CHANGED[model], **user})

    assert events[0].action == f"{model._meta.model_name}.change"
    assert SECRET not in str(AuditEvent.objects.values())
    assert bool(events[0].details["changes"]) == bool(CHANGED[model])


@pytest.mark.parametrize("model", ACTIONS, ids=lambda model: model.__name__)
def test_a_deletion_is_recorded(model: type[Model], desk: Client, rows: Rows) -> None:
    if "delete_selected" not in ACTIONS[model]:
        assert desk.post(page(model, "delete", rows[model].pk), {"post": "yes"}).status_code == 403
        return
    with recorded() as events:
        taken(desk, page(model, "delete", rows[model].pk), {"post": "yes"})

    assert (events[0].action, events[0].target) == (f"{model._meta.model_name}.delete", str(rows[model]))
    assert not model._default_manager.filter(pk=rows[model].pk).exists()


@pytest.mark.parametrize(
    ("model", "action"), [(model, action) for model, actions in ACTIONS.items() for action in sorted(actions)]
)
def test_an_action_is_recorded(model: type[Model], action: str, desk: Client, rows: Rows) -> None:
    more = WITH[action](rows) if action in WITH else {}
    if model is Tool:
        Tool.objects.update(**BEFORE.get(action, {}))
    sent = {"action": action, "_selected_action": [rows[model].pk], "post": "yes", **more}
    if action in ASKING:
        verb, values = ASKING[action]
        assert f'value="{rows[model].pk}"' in desk.post(page(model, "changelist"), sent).text
        address, sent = page(model, "many", verb), {"tools": rows[model].pk, **values, **more}
    else:
        address = page(model, "changelist")

    with recorded():
        taken(desk, address, sent)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_an_edited_list_is_recorded_row_by_row(model: type[Model], desk: Client, rows: Rows) -> None:
    chosen = model._default_manager.order_by("pk").last()
    assert chosen
    forms = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": chosen.pk, "_save": "Save", **LISTS[model]}

    with recorded():
        taken(desk, page(model, "changelist") + f"?q={chosen.slug}", forms)  # type: ignore[attr-defined]


def test_a_password_that_an_admin_sets_is_recorded(desk: Client, rows: Rows) -> None:
    data = {"password1": SECRET, "password2": SECRET, "usable_password": "true", "set-password": "yes"}

    with recorded() as events:
        taken(desk, reverse("admin:auth_user_password_change", args=[rows[User].pk]), data)

    assert events[0].target == "ada" and SECRET not in str(events[0].details)


@pytest.mark.parametrize("name", ["delete", "delete several", "revoke", "set a password"])
def test_without_an_event_nothing_is_changed(
    name: str, desk: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **details: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(audited, "record", full)
    ada, key = rows[User].pk, rows[ApiKey].pk
    sent: dict[str, tuple[str, dict[str, Any]]] = {
        "delete": (page(User, "delete", ada), {"post": "yes"}),
        "delete several": (
            page(User, "changelist"),
            {"action": "delete_selected", "_selected_action": [ada], "post": "yes"},
        ),
        "revoke": (page(ApiKey, "changelist"), {"action": "revoke_keys", "_selected_action": [key]}),
        "set a password": (
            reverse("admin:auth_user_password_change", args=[ada]),
            {"password1": SECRET, "password2": SECRET, "usable_password": "true", "set-password": "yes"},
        ),
    }
    before = [*User.objects.values()], [*ApiKey.objects.values()]

    with pytest.raises(OSError, match="full"):
        desk.post(*sent[name])

    assert ([*User.objects.values()], [*ApiKey.objects.values()]) == before
