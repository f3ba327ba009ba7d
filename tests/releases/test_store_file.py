"""`manage.py apply store.toml`: a store brought to what a file says."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Category, Tool
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


DECIDED = """
[tools.weather]
visibility = "groups"
groups = ["Legal", "Sales"]
category = "code"
featured = 1
limits = { max_seconds = 60 }
"""


def test_what_admins_decide_about_a_tool_is_in_the_file(apply: Apply, db: None) -> None:
    tool = make_tool("weather", authors_category="writing")
    for name in ("Legal", "Sales", "Other"):
        Group.objects.create(name=name)
    Category.objects.create(slug="code", title="Code")

    printed = apply(DECIDED, "--dry-run")

    assert printed.splitlines() == [
        "weather: visibility public → groups (Legal, Sales)",
        "weather: category its author's → code",
        "weather: featured no → 1",
        "weather: limits none → max_seconds = 60",
    ]
    assert not AuditEvent.objects.exists() and not tool.groups.exists()
    assert apply(DECIDED) == printed
    tool.refresh_from_db()
    assert (tool.visibility, {group.name for group in tool.groups.all()}) == ("groups", {"Legal", "Sales"})
    assert (tool.category.slug, tool.category_chosen, tool.featured_position) == ("code", True, 1)
    assert tool.admin_limits == {"max_seconds": 60}
    assert apply(DECIDED) == "Nothing to change.\n"
    assert [event.details["why"] for event in AuditEvent.objects.filter(target="weather")] == ["store.toml"] * 4

    back = '[tools.weather]\nvisibility = "hidden"\ncategory = ""\nfeatured = false\nlimits = {}'
    assert apply(back).splitlines() == [
        "weather: visibility groups (Legal, Sales) → hidden",
        "weather: category code → its author's",
        "weather: featured 1 → no",
        "weather: limits max_seconds = 60 → none",
    ]
    tool.refresh_from_db()
    assert (tool.visibility, tool.category.slug, tool.category_chosen) == ("hidden", "writing", False)
    assert (tool.featured_position, tool.admin_limits) == (None, {})
    assert apply(back) == "Nothing to change.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('visibility = "groups"\ngroups = ["Nobody"]', "no group Nobody.*under Groups.*there are: none"),
        ('visibility = "groups"', "together"),
        ('groups = ["Legal"]', "together"),
        ('visibility = "secret"', "tools.weather.visibility"),
        ('category = "cooking"', "no category cooking.*under Categories.*there are: writing"),
        ("featured = true", "tools.weather.featured"),
        ("featured = 40000", "tools.weather.featured"),
        ("limits = { max_seconds = 0 }", "max_seconds=0 must be a whole number of seconds, 1 or more"),
        ("limits = { max_sceonds = 1 }", "max_sceonds is unknown"),
        ('limits = { max_seconds = "60" }', "must be a whole number"),
    ],
)
def test_what_admins_cannot_decide_so_is_refused_with_what_to_do(apply: Apply, db: None, text: str, said: str) -> None:
    make_tool("weather")
    make_tool("other")

    with pytest.raises(CommandError, match=said):
        apply(f"[tools.weather]\n{text}\n[tools.other]\nenabled = false")
    assert Tool.objects.get(slug="other").enabled and not AuditEvent.objects.exists()


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
        ("[tools.weather]\nfeatured = true", "tools.weather.featured"),
        ("[tools.weather]\nvisibility = 'nobody'", "visibility"),
        ("[tools.weather]\nlimits = { max_seconds = 0 }", "max_seconds=0 must be a whole number"),
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
