"""`manage.py apply store.toml`: a store brought to what a file says."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Tool
from gptstore.catalog.tool_settings import read_given
from gptstore.releases.deploy import activate, deploy
from gptstore.releases.models import Deployment, Plugin
from harness.rows import make_tool
from tests.releases.conftest import Approved

pytestmark = pytest.mark.django_db
Apply = Callable[..., str]
SETTINGS = {
    "type": "object",
    "properties": {"unit": {"type": "string"}, "key": {"type": "string", "writeOnly": True}},
    "required": ["unit"],
    "additionalProperties": False,
}


@pytest.fixture
def apply(tmp_path: Path) -> Apply:
    def run(text: str, *options: str) -> str:
        (tmp_path / "store.toml").write_text(text)
        printed = StringIO()
        call_command("apply", str(tmp_path / "store.toml"), *options, stdout=printed)
        return printed.getvalue()

    return run


def test_a_release_is_deployed_once(apply: Apply, approved: Approved) -> None:
    release = approved("1.0")
    text = '[plugins.acme-tool]\nversion = "1.0"'

    assert apply(text, "--dry-run") == "acme-tool not deployed → 1.0\n"
    assert not Deployment.objects.exists()
    apply(text)
    assert Deployment.objects.get(ended_at=None).release == release
    assert apply(text) == "Nothing to change.\n"
    assert Deployment.objects.count() == 1


def test_another_version_and_taking_down(apply: Apply, approved: Approved) -> None:
    activate(deploy(approved("1.0"), None))
    approved("1.1")

    assert apply('[plugins.acme-tool]\nversion = "1.1"') == "acme-tool 1.0 → 1.1\n"
    assert apply("[plugins.acme-tool]\nlive = false") == "acme-tool 1.1 → taken down\n"
    assert Plugin.objects.get().live is None


def test_tools_are_enabled_and_get_settings_whose_secrets_are_never_printed(
    apply: Apply, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = make_tool("weather", settings_schema=SETTINGS)
    monkeypatch.setenv("ACME_KEY", "s3cret")
    text = '[tools.weather]\nenabled = false\nsettings = { unit = "km", key = { env = "ACME_KEY" } }'

    printed = apply(text, "--dry-run") + apply(text)

    tool.refresh_from_db()
    assert (tool.enabled, read_given(tool)) == (False, {"unit": "km", "key": "s3cret"})
    assert "weather: settings key, unit" in printed
    assert "s3cret" not in printed + str([*AuditEvent.objects.values_list("details", flat=True)])
    assert apply(text) == "Nothing to change.\n"


def test_who_sees_a_tool_and_where_it_stands(apply: Apply, db: None) -> None:
    tool = make_tool("weather")
    text = (
        "[tools.weather]\nvisibility = 'groups'\ngroups = ['crew', 'guests']\nfeatured = 0\ncategory = 'sea'\n"
        "limits = { max_seconds = 30 }"
    )

    printed = apply(text)

    tool.refresh_from_db()
    assert (tool.visibility, tool.featured_position, tool.admin_limits) == ("groups", 0, {"max_seconds": 30})
    assert sorted(group.name for group in tool.groups.all()) == ["crew", "guests"]
    assert (tool.category.slug, tool.category_chosen) == ("sea", True)
    assert "groups crew (new, without members)" in printed and apply(text) == "Nothing to change.\n"
    assert apply("[tools.weather]\nfeatured = false\ngroups = []\nlimits = {}") == (
        "weather: featured none, limits none\nweather: groups none\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[plugins.acme-tool]\nversion = "9"', "What can: 1.0"),
        ("[plugins.acme-tool]\n", "live = false"),
        ('[plugins.acme-tool]\nversion = "1.0"\nlive = false', "live = false"),
        ('[plugins.other]\nversion = "1.0"', "no plugin other"),
        ("[tools.nothing]\nenabled = true", "no tool nothing"),
        ("[tools.weather]\nsettings = { unit = 3 }", "do not fit: unit"),
        ('[tools.weather]\nsettings = { unit = "x", key = { env = "NOT_THERE" } }', "NOT_THERE"),
        ("[tools.weather]\ncolour = 1", "tools.weather.colour"),
        ("[tools.weather]\nfeatured = true", "featured = its place"),
        ("[tools.weather]\nvisibility = 'nobody'", "visibility"),
        ("[tools.weather]\nlimits = { max_seconds = 0 }", "limits of weather do not fit"),
        ("[tools.weather]\ncategory = 'No slug'", "is no category"),
        ("[tools", "no TOML"),
    ],
)
def test_what_does_not_fit_changes_nothing(apply: Apply, approved: Approved, text: str, said: str) -> None:
    approved("1.0")
    make_tool("weather", settings_schema=SETTINGS)
    make_tool("other")

    with pytest.raises(CommandError, match=said):
        apply(text + "\n[tools.other]\nenabled = false" if said != "no TOML" else text)
    assert Tool.objects.get(slug="other").enabled
    assert not Deployment.objects.exists()


def test_every_fault_is_named_at_once(apply: Apply, db: None) -> None:
    with pytest.raises(CommandError) as refused:
        apply('[plugins.one]\nversion = "1"\n[tools.two]\nenabled = true')

    assert "no plugin one" in str(refused.value) and "no tool two" in str(refused.value)


def test_the_log_names_the_file(apply: Apply, approved: Approved, ada: User) -> None:
    approved("1.0")
    apply('[plugins.acme-tool]\nversion = "1.0"')

    assert AuditEvent.objects.latest("number").details["why"] == "store.toml"
