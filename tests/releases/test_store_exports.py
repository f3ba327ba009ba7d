"""A whole store carried to another one in a file: there it has the same catalogue, and what is missing is named."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.management.base import CommandError

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Category, Tool, ToolSettings, Visibility
from gptstore.catalog.tool_settings import read_given, store_given
from gptstore.releases.deploy import activate, deploy, take_down
from gptstore.releases.exports.export_file import Export
from gptstore.releases.exports.store_toml import as_toml
from gptstore.releases.models import Deployment, Plugin, Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.store_file import StoreFile
from gptstore.releases.submit import submit
from harness.rows import make_tool, make_user
from tests.releases.conftest import Approved
from tests.releases.hostile_case import Plan
from tests.releases.other_store import call, go_to_another_store, key_of

pytestmark = pytest.mark.django_db
SETTINGS = {
    "type": "object",
    "properties": {
        "unit": {"type": "string"},
        "host": {"type": "string"},
        "key": {"anyOf": [{"type": "string", "writeOnly": True}, {"type": "null"}], "default": None},
    },
    "required": ["unit"],
    "additionalProperties": False,
}
TIDES = {"slug": "tides", "title": "Tides", "settings_schema": SETTINGS}


@pytest.fixture
def store(approved: Approved, ada: User, boss: User, tmp_path: Path) -> str:
    """Return the key of a store with two live plugins, one that rolls out, an older release, and choices of admins."""
    activate(deploy(approved("1.0"), boss))
    activate(deploy(approved("1.1"), boss))
    for name, tool in (("bobs-tides", TIDES), ("carls-moon", {"slug": "moon-phase", "title": "Phase of the moon"})):
        (tmp_path / name).mkdir()
        release = submit(Plan(name=name, tool=tool).write(tmp_path / name), ada)
        Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW)
        release = approve(release, boss)
        deployment = deploy(release, boss)
        if name == "bobs-tides":
            activate(deployment)
    tool = Tool.objects.get(slug="tides")
    given = {"unit": "m", "host": "https://tides.example/°\x7f\n", "key": "s3cret"}
    store_given(ToolSettings.objects.get(tool=tool), given)
    tool.visibility, tool.featured_position, tool.admin_limits = Visibility.GROUPS, 0, {"max_seconds": 30}
    tool.category, tool.category_chosen = Category.objects.get_or_create(slug="sea", defaults={"title": "Sea"})[0], True
    tool.save()
    tool.groups.add(Group.objects.create(name="Crew “A”"))
    Tool.objects.filter(slug="say").update(enabled=False)
    make_tool("untouched")
    return key_of(release)


def catalogue() -> list[dict[str, Any]]:
    """Return all that people see of the tools of releases, and all that holds for them."""
    columns = [one.name for one in Tool._meta.concrete_fields if one.name not in ("id", "created_at", "updated_at")]
    tools = Tool.objects.exclude(release="").order_by("slug")
    return [
        {name: getattr(tool, name) for name in columns if name != "category"}
        | {"category": tool.category.slug, "groups": [group.name for group in tool.groups.all()]}
        | {"given": read_given(tool), "listed": tool in Tool.objects.listed_for(AnonymousUser())}
        for tool in tools
    ]


def go_live() -> None:
    """Do what workers do when they are ready."""
    for deployment in Deployment.objects.filter(ended_at=None):
        activate(deployment)


def test_an_empty_store_gets_the_same_catalogue(
    store: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "acme.gptstore"
    said = call("export_store", "--to", path, "--by", "boss")
    assert said.splitlines()[:3] == ["acme-tool 1.1", "bobs-tides 1.2.0", "carls-moon 1.2.0"]
    go_live()
    before = catalogue()
    assert [one["slug"] for one in before] == ["moon-phase", "say", "tides"]
    go_to_another_store(tmp_path / "island", settings, trusting=[store])
    with Export.open(path) as export:
        assert "s3cret" not in export.store and 'key = { env = "TIDES__KEY" }' in export.store
        assert "untouched" not in export.store
    # What is missing is named, and nothing is done
    for options in (["--dry-run"], []):
        with pytest.raises(CommandError, match="tides: The variable TIDES__KEY, which the file names, is not set"):
            call("import_store", path, "--by", "eve", *options)
    assert not Plugin.objects.exists() and not Tool.objects.exists()
    # The rehearsal is the same as what then comes
    monkeypatch.setenv("TIDES__KEY", "s3cret")
    rehearsed = call("import_store", path, "--by", "eve", "--dry-run")
    assert not Plugin.objects.exists() and not AuditEvent.objects.exists()
    said = call("import_store", path, "--by", "eve")
    assert rehearsed == said + "Nothing was changed: this was a rehearsal.\n"
    assert "~ bobs-tides not deployed → 1.2.0" in said and "groups (Crew “A”, new)" in said
    assert "s3cret" not in said + str([*AuditEvent.objects.values_list("details", flat=True)])
    # Nobody sees a tool before its release is live, and then as the other store has it
    assert not Tool.objects.listed().exists()
    go_live()
    assert catalogue() == before
    assert Deployment.objects.get(plugin__name="bobs-tides").why == "import of acme.gptstore"
    # And a second time changes nothing
    events, deployments = AuditEvent.objects.count(), Deployment.objects.count()
    assert call("import_store", path, "--by", "eve").endswith("Nothing to change.\n")
    assert (AuditEvent.objects.count(), Deployment.objects.count()) == (events, deployments)


def test_all_approved_releases_or_some_plugins(store: str, tmp_path: Path, settings: Any) -> None:
    every, some = tmp_path / "every.gptstore", tmp_path / "some.gptstore"
    assert "acme-tool 1.0\nacme-tool 1.1\n" in call("export_store", "--all", "--to", every)
    assert "1 release," in call("export_store", "--plugin", "acme-tool", "--to", some)
    go_to_another_store(tmp_path / "island", settings, trusting=[store])

    assert "bobs" not in call("import_store", every, "--by", "eve", "--plugin", "acme-tool", "--dry-run")
    call("import_store", some, "--by", "eve")
    go_live()

    assert [one["slug"] for one in catalogue()] == ["say"]
    assert not Tool.objects.get(slug="say").enabled
    with pytest.raises(CommandError, match="no plugin nothing in the file"):
        call("import_store", some, "--by", "eve", "--plugin", "nothing")


def test_an_older_export_is_refused_after_a_newer_one(
    store: str, approved: Approved, tmp_path: Path, settings: Any
) -> None:
    old, new = tmp_path / "old.gptstore", tmp_path / "new.gptstore"
    call("export_store", "--plugin", "acme-tool", "--to", old)
    activate(deploy(approved("1.2"), None))
    call("export_store", "--plugin", "acme-tool", "--to", new)
    go_to_another_store(tmp_path / "island", settings, trusting=[store])
    call("import_store", new, "--by", "eve")

    for options in (["--dry-run"], []):
        with pytest.raises(CommandError, match="from the same store was imported before"):
            call("import_store", old, "--by", "eve", *options)
    assert "~ acme-tool 1.2 → 1.1" in call("import_store", old, "--by", "eve", "--older")


def test_with_two_people_the_store_waits_for_the_second(store: str, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "acme.gptstore"
    call("export_store", "--plugin", "acme-tool", "--to", path)
    go_to_another_store(tmp_path / "island", settings, trusting=[store])
    settings.ENV = settings.ENV.model_copy(update={"import_approvals": 2})

    said = call("import_store", path, "--by", "eve")
    assert "! Nothing is deployed, and no tool is changed: acme-tool 1.1 waits for a decision here." in said
    assert call("import_store", path, "--by", "eve").endswith("Nothing to change.\n")
    assert not Deployment.objects.exists() and not Tool.objects.exists()

    approve(Release.objects.get(), make_user("mallory", is_staff=True))
    assert "~ acme-tool not deployed → 1.1\n~ say: disabled" in call("import_store", path, "--by", "eve")
    assert Deployment.objects.get().by == User.objects.get(username="eve")


def test_of_a_store_that_nobody_trusts_only_the_releases_come_in(store: str, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "acme.gptstore"
    call("export_store", "--to", path)
    go_to_another_store(tmp_path / "island", settings)

    said = call("import_store", path, "--by", "eve")

    assert {*Release.objects.values_list("status", flat=True)} == {ReleaseStatus.SUBMITTED}
    assert Release.objects.count() == 3 and not Tool.objects.exists() and not Deployment.objects.exists()
    assert "no tool is changed: it is not signed by a key that is trusted here" in said


def test_a_slug_of_another_plugin_stops_all_of_it(store: str, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "acme.gptstore"
    call("export_store", "--to", path)
    go_to_another_store(tmp_path / "island", settings, trusting=[store])
    make_tool("tides", plugin="emils-sea")

    with pytest.raises(CommandError, match="'tides' belongs to the plugin emils-sea"):
        call("import_store", path, "--by", "eve")
    assert not Release.objects.exists() and not list((tmp_path / "island").rglob("*.gptx"))


def test_settings_that_only_the_coming_release_has(
    store: str, boss: User, ada: User, tmp_path: Path, settings: Any
) -> None:
    """The store has bobs-tides without settings, and gets the version that has them."""
    path = tmp_path / "acme.gptstore"
    Tool.objects.filter(slug="tides").update(visibility=Visibility.PUBLIC)
    store_given(ToolSettings.objects.get(tool__slug="tides"), {"unit": "ft"})
    call("export_store", "--plugin", "bobs-tides", "--to", path)
    eve = go_to_another_store(tmp_path / "island", settings, trusting=[store])
    (tmp_path / "before").mkdir()
    before = submit(
        Plan(name="bobs-tides", version="1.1", tool={**TIDES, "settings_schema": None}).write(tmp_path / "before"), eve
    )
    Release.objects.update(status=ReleaseStatus.IN_REVIEW)
    settings.ENV.trusted_keys_file.write_text(store)
    activate(deploy(approve(before, eve), eve))

    said = call("import_store", path, "--by", "eve")
    go_live()

    assert "beside 1.1, which is live" in said and "tides: settings unit" in said
    assert "new: tides is given a secret" in said
    assert read_given(Tool.objects.get(slug="tides")) == {"unit": "ft", "key": None}


def test_what_was_taken_down_is_not_exported(store: str, tmp_path: Path) -> None:
    take_down(Plugin.objects.get(name="bobs-tides"), None)

    assert "bobs" not in call("export_store", "--to", tmp_path / "x.gptstore")


def test_every_value_of_a_setting_survives_toml() -> None:
    values = {
        "text": 'a "b" \\ \n\t\x7f\u2028 “é” 😀 #',
        "number": 1.5,
        "whole": -3,
        "yes": True,
        "list": [1, "x", [True]],
        "object": {"a b": {"c.d": 'é"'}, "none": None},
        "empty": {},
        "strange.name": "",
    }
    store = StoreFile.model_validate(
        {"tools": {"a": {"settings": values, "visibility": "groups", "groups": [], "featured": False}}}
    )

    read = StoreFile.parse(as_toml(store), "store.toml").tools["a"]

    assert read.settings == {**values, "object": {"a b": {"c.d": 'é"'}}}
    assert (read.groups, read.featured, read.enabled) == ([], False, None)
