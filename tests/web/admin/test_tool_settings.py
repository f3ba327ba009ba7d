"""The settings of tools: an admin fills them in, and what is secret in them is shown to nobody."""

from typing import Any

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.urls import reverse
from unfold.widgets import UnfoldAdminRadioSelectWidget

from gptstore.accounts import keys
from gptstore.accounts.models import User
from gptstore.catalog.models import Tool, ToolSettings
from gptstore.catalog.plugins import transfer
from gptstore.catalog.tool_settings import find_problem, note_declared, read_given
from gptstore.jobs.models import Job
from gptstore.web.admin.tool_settings import form_for
from harness.rows import make_tool

SECRET = "marker-of-a-secret-5c1f"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "token": {"title": "Token", "type": "string", "writeOnly": True},
        "second": {
            "title": "Second",
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "writeOnly": True,
            "default": None,
        },
        "region": {"title": "Region", "type": "string", "enum": ["eu", "us"], "default": "eu"},
        "retries": {"title": "Retries", "type": "integer", "minimum": 0, "maximum": 5, "default": 2},
        "loud": {"title": "Loud", "type": "boolean", "default": False},
    },
    "required": ["token"],
    "additionalProperties": False,
}


@pytest.fixture
def admin(bob: User) -> Client:
    User.objects.filter(pk=bob.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def tool(db: None) -> Tool:
    made = make_tool("weather", settings_schema=SCHEMA, plugin="acme-weather")
    note_declared(made)
    return made


@pytest.fixture
def page(tool: Tool) -> str:
    return reverse("admin:catalog_toolsettings_change", args=[ToolSettings.objects.get(tool=tool).pk])


def send(admin: Client, page: str, **values: Any) -> Any:
    """Send the form with these settings, as a browser does."""
    given = {"region": "eu", "retries": "2", "token": "", "second": "", **values}
    forget = {"forget": "on"} if given.pop("forget", False) else {}
    return admin.post(page, {f"setting_{name}": value for name, value in given.items()} | forget, follow=True)


def test_an_admin_fills_in_the_settings(admin: Client, page: str, tool: Tool) -> None:
    answer = send(admin, page, token=SECRET, region="us", loud="on")

    assert answer.status_code == 200
    assert read_given(tool) == {"token": SECRET, "region": "us", "loud": True}
    assert find_problem(tool) == ""


def test_choices_look_as_others_in_the_admin(page: str, tool: Tool) -> None:
    form = form_for(ToolSettings.objects.get(tool=tool))

    assert isinstance(form.base_fields["setting_region"].widget, UnfoldAdminRadioSelectWidget)


def test_a_secret_is_shown_to_nobody_and_kept_when_it_is_left_empty(admin: Client, page: str, tool: Tool) -> None:
    pages = [send(admin, page, token=SECRET), send(admin, page, region="us"), admin.get(page)]
    pages += [send(admin, page, retries="99"), send(admin, page, token=SECRET + "2", retries="99")]
    pages += [admin.get(reverse("admin:catalog_toolsettings_changelist")), admin.get(page.replace("change", "history"))]
    pages += [admin.get(f"/admin/catalog/tool/{tool.pk}/change/")]

    assert all(answer.status_code == 200 for answer in pages)
    assert "It is set" in pages[2].text
    assert not [number for number, answer in enumerate(pages) if SECRET in answer.text]
    assert read_given(tool) == {"token": SECRET, "region": "us"}


def test_a_wrong_value_is_told_at_its_field_and_nothing_is_stored(admin: Client, page: str, tool: Tool) -> None:
    answer = send(admin, page, token=SECRET, retries="99")

    assert "at most 5" in answer.text.lower()
    assert read_given(tool) == {}


def test_the_form_shows_groups_and_labels_in_the_reader_s_language(admin: Client, page: str, tool: Tool) -> None:
    several = {"type": "array", "items": {"type": "string", "enum": ["warm", "cool"]}, "default": []}
    added = {"tones": {"title": "Tones", **several, "x-labels": {"warm": "Friendly"}, "x-group": "Style"}}
    tool.settings_schema = {**SCHEMA, "properties": {**SCHEMA["properties"], **added}}
    tool.translations = {"zh-Hans": {"Tones": "语气", "Style": "风格", "Friendly": "亲切", "Token": "密钥"}}
    tool.save()

    shown = admin.get(page, headers={"Accept-Language": "zh-hans"}).text
    send(admin, page, token=SECRET, tones=["cool"])

    assert [text for text in ("语气", "风格", "亲切", "密钥") if text not in shown] == []
    assert read_given(tool) == {"token": SECRET, "tones": ["cool"]}


def test_all_values_can_be_forgotten(admin: Client, page: str, tool: Tool) -> None:
    send(admin, page, token=SECRET)
    send(admin, page, forget=True)

    assert read_given(tool) == {}
    assert ToolSettings.objects.get(tool=tool).encrypted == ""


def test_no_column_of_the_database_holds_the_secret(admin: Client, page: str, tool: Tool) -> None:
    send(admin, page, token=SECRET)
    assert read_given(tool)["token"] == SECRET

    rows = {model.__name__: [*model._base_manager.values()] for model in apps.get_models()}
    assert [name for name, values in rows.items() if SECRET in DjangoJSONEncoder().encode(str(values))] == []
    assert len(rows["ToolSettings"]) == 1


def test_another_secret_key_reads_nothing_unless_it_follows_the_first(
    admin: Client, page: str, tool: Tool, settings: Any
) -> None:
    send(admin, page, token=SECRET)
    first, settings.SECRET_KEY = settings.SECRET_KEY, "k" * 60

    assert read_given(tool) == {}
    settings.SECRET_KEY_FALLBACKS = [first]
    assert read_given(tool)["token"] == SECRET


def test_a_plugin_that_takes_the_tool_over_does_not_get_its_secrets(admin: Client, page: str, tool: Tool) -> None:
    send(admin, page, token=SECRET)
    transfer("weather", "evil-weather")
    tool.refresh_from_db()

    assert read_given(tool) == {}
    assert "Token" in find_problem(tool)
    send(admin, page, region="us", token="another")
    assert read_given(tool) == {"token": "another", "region": "us"}


def test_a_tool_without_its_settings_says_why_it_cannot_be_run(admin: Client, page: str, tool: Tool, ada: User) -> None:
    _, key = keys.create_key(ada, "laptop")
    program = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    person = Client()
    person.force_login(ada)
    reason = "An administrator of this site has to fill in the settings of this tool first: Token."

    shown, described = person.get("/tools/weather/"), person.get("/api/v1/tools/weather")
    launched = person.post("/tools/weather/", {"input-text": "x"})
    posted = person.post("/api/v1/tools/weather/jobs", {"input": {"text": "x"}}, "application/json", **program)

    assert reason in shown.text
    assert "disabled data-unavailable" in shown.text  # which the page's script leaves as it is
    assert described.json()["unavailable"] == reason
    assert (launched.status_code, reason in launched.text) == (503, True)
    assert (posted.status_code, posted.json()["detail"]) == (503, reason)
    assert not Job.objects.exists()
    # And once they are there, it runs, and no answer holds the secret
    send(admin, page, token=SECRET)
    again = person.post("/api/v1/tools/weather/jobs", {"input": {"text": "x"}}, "application/json", **program)
    answers = [again, person.get("/tools/weather/"), person.get("/api/v1/tools/weather"), person.get("/api/v1/tools")]
    assert [answer.status_code for answer in answers] == [202, 200, 200, 200]
    assert answers[2].json()["unavailable"] is None
    assert not [answer for answer in answers if SECRET in answer.text]
