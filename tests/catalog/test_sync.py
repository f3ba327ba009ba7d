"""From the manifests of installed plugins to the catalogue."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from gptstore.catalog import sync
from gptstore.catalog.errors import SyncFailed
from gptstore.catalog.models import BrokenPlugin, Category, Tool
from harness.plugins import write_plugin

BUILT_IN = {"chat", "code-writer", "qa", "summarizer", "translator", "writer"}

TOOL = {
    "slug": "shout",
    "title": "Shout",
    "summary": "Says it louder.",
    "description": "",
    "category": "fun-things",
    "tags": ["loud", "été"],
    "output": "code",
    "language": None,
    "language_input": "language",
    "max_seconds": 90,
    "max_memory_mb": 64,
    "max_output_bytes": None,
    "max_model_tokens": 5000,
    "input_schema": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    "examples": [{"title": "Hello", "input": {}}],
}
MANIFEST = {"name": "gptstore-shout", "version": "1.2", "author": "Ada", "tools": [TOOL]}


def described(*manifests: dict[str, Any], broken: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return copy.deepcopy({"manifests": list(manifests), "broken": broken or []})


def changed(**values: Any) -> dict[str, Any]:
    return {**MANIFEST, "tools": [{**TOOL, **values}]}


@pytest.fixture(scope="module")
def installed() -> dict[str, Any]:
    return sync.read_manifests()


def test_the_installed_plugins_describe_themselves_in_another_process() -> None:
    before = set(sys.modules)
    described = sync.read_manifests()
    found = {tool["slug"] for manifest in described["manifests"] for tool in manifest["tools"]}
    assert found >= BUILT_IN
    assert not {name for name in set(sys.modules) - before if name.startswith("gptstore_")}


def test_the_describing_process_gets_no_settings_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
        given.update(env)
        return subprocess.CompletedProcess(command, 0, '{"manifests": [], "broken": []}', "")

    monkeypatch.setenv("GPTSTORE_SECRET_KEY", "not for plugins")
    monkeypatch.setattr(subprocess, "run", run)
    sync.read_manifests()
    assert "PATH" in given
    assert not [name for name in given if name.startswith(("GPTSTORE_", "DJANGO_"))]


@pytest.mark.django_db
def test_what_is_installed_is_listed(installed: dict[str, Any]) -> None:
    synced = sync.store(installed)
    assert set(synced.kept) >= BUILT_IN
    assert synced.broken == []
    assert set(Tool.objects.listed().values_list("slug", flat=True)) >= BUILT_IN
    assert Category.objects.get(tools__slug="translator").title == "Languages"


@pytest.mark.django_db
def test_a_tool_is_stored_as_its_manifest_says() -> None:
    sync.store(described(MANIFEST))
    tool = Tool.objects.get(slug="shout")
    assert (tool.title, tool.summary, tool.tags, tool.output) == ("Shout", "Says it louder.", ["loud", "été"], "code")
    assert (tool.language, tool.language_input, tool.max_seconds) == ("", "language", 90)
    assert tool.limits == {"max_memory_mb": 64, "max_model_tokens": 5000}
    assert (tool.version, tool.author, tool.plugin) == ("1.2", "Ada", "gptstore-shout")
    assert tool.examples == [{"title": "Hello", "input": {}}]
    assert (tool.category.slug, tool.category.title) == ("fun-things", "Fun things")


@pytest.mark.django_db
def test_a_second_sync_changes_nothing() -> None:
    sync.store(described(MANIFEST))
    before = list(Tool.objects.values("id", "slug", "category", "created_at"))
    assert sync.store(described(MANIFEST)) == sync.Synced(["shout"], [], [])
    assert list(Tool.objects.values("id", "slug", "category", "created_at")) == before


@pytest.mark.django_db
def test_a_new_version_replaces_the_old_one() -> None:
    sync.store(described(MANIFEST))
    sync.store(described({**changed(title="Shout!", max_seconds=None, max_memory_mb=None), "version": "2.0"}))
    tool = Tool.objects.get()
    assert (tool.title, tool.version, tool.max_seconds) == ("Shout!", "2.0", None)
    assert tool.limits == {"max_model_tokens": 5000}


@pytest.mark.django_db
def test_what_admins_decided_stays_when_a_tool_is_updated() -> None:
    sync.store(described(MANIFEST))
    assert Tool.objects.get().authors_category == "fun-things"
    code, legal = Category.objects.get(slug="code"), Group.objects.create(name="Legal")
    Tool.objects.get().groups.add(legal)
    decided = {"visibility": "groups", "featured_position": 2, "admin_limits": {"max_seconds": 60}, "enabled": False}
    Tool.objects.update(category=code, category_chosen=True, runs=7, **decided)

    sync.store(described({**changed(title="Shout!", category="other-things"), "version": "2.0"}))

    tool = Tool.objects.get()
    assert (tool.title, tool.category, tool.authors_category, tool.runs) == ("Shout!", code, "other-things", 7)
    assert {name: getattr(tool, name) for name in decided} == decided
    assert [*tool.groups.all()] == [legal]
    assert not Category.objects.filter(slug="other-things").exists()


@pytest.mark.django_db
def test_what_is_decided_while_a_tool_is_stored_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    sync.store(described(MANIFEST))
    read = sync.read_icon

    def meanwhile(tool: Any) -> Any:
        Tool.objects.update(visibility="hidden", runs=9)
        return read(tool)

    monkeypatch.setattr(sync, "read_icon", meanwhile)
    sync.store(described({**MANIFEST, "version": "2.0"}))

    tool = Tool.objects.get()
    assert (tool.version, tool.visibility, tool.runs) == ("2.0", "hidden", 9)


@pytest.mark.django_db
def test_a_plugin_that_vanished_is_not_listed_and_comes_back() -> None:
    sync.store(described(MANIFEST))
    before = Tool.objects.get().id

    assert sync.store(described()).gone == ["shout"]
    assert not Tool.objects.listed().exists()
    assert sync.store(described()).gone == []

    sync.store(described(MANIFEST))
    assert Tool.objects.listed().get().id == before


def released(*manifests: dict[str, Any]) -> dict[str, Any]:
    """As read by a process that sees the folder with these releases."""
    return {**described(*manifests), "released": [manifest["name"] for manifest in manifests]}


@pytest.mark.django_db
def test_who_does_not_see_the_releases_leaves_their_tools_alone() -> None:
    # Given a tool of a release, and one of an installed plugin
    other = {**changed(slug="whisper"), "name": "gptstore-whisper"}
    sync.store({**released(MANIFEST), "manifests": described(MANIFEST, other)["manifests"]})
    # When a process syncs that has no folder with releases, and no longer the other plugin
    synced = sync.store({**described(), "released": None})
    # Then it withdraws only what was installed
    assert (synced.held, synced.gone) == (["shout"], ["whisper"])
    assert list(Tool.objects.listed().values_list("slug", flat=True)) == ["shout"]


@pytest.mark.django_db
def test_an_installed_plugin_does_not_take_the_place_of_its_release_unseen() -> None:
    sync.store(released({**changed(title="Released"), "version": "2.0"}))
    assert sync.store({**described(MANIFEST), "released": None}).kept == []
    assert Tool.objects.get().title == "Released"


@pytest.mark.django_db
def test_who_sees_the_folder_withdraws_releases_that_are_gone() -> None:
    sync.store(released(MANIFEST))
    assert sync.store(released()).gone == ["shout"]
    assert not Tool.objects.listed().exists()
    # And then nothing is left of it that would be held
    assert sync.store({**described(), "released": None}) == sync.Synced([], [], [])


@pytest.mark.django_db
def test_a_plugin_that_is_installed_after_its_release_is_gone_is_an_installed_one() -> None:
    sync.store(released(MANIFEST))
    sync.store({**described(MANIFEST), "released": []})
    assert sync.store({**described(), "released": None}).gone == ["shout"]


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_cannot_be_read_is_not_seen(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(
        sync, "ask", lambda command: described(*([MANIFEST] if "worker.hosts.releases" in command else []))
    )
    (tmp_path / "shout-1").mkdir()
    settings.ENV = settings.ENV.model_copy(update={"releases": tmp_path if there else tmp_path / "not mounted"})
    assert sync.read_manifests()["released"] == (["gptstore-shout"] if there else None)


@pytest.mark.django_db
def test_what_the_admin_decided_survives() -> None:
    sync.store(described(MANIFEST))
    Tool.objects.update(enabled=False)
    Category.objects.filter(slug="writing").update(title="Texts", position=7)
    sync.store(described())
    sync.store(described(MANIFEST))
    assert not Tool.objects.get().enabled
    writing = Category.objects.get(slug="writing")
    assert (writing.title, writing.position) == ("Texts", 7)


@pytest.mark.django_db
def test_a_broken_plugin_is_reported_and_the_others_are_kept() -> None:
    broken = [{"plugin": "gptstore-bad", "error": "ImportError: no module named x"}]
    synced = sync.store(described(MANIFEST, broken=broken))
    assert synced.kept == ["shout"]
    assert synced.broken == [("gptstore-bad", "ImportError: no module named x")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"title": "x" * 81}, "title: Ensure this value has at most 80 characters"),
        ({"output": "video"}, "output: Value 'video' is not a valid choice"),
        ({"slug": "no slug!"}, "slug: Enter a valid"),
        ({"max_seconds": -1}, "max_seconds: Ensure this value is greater than or equal to"),
        ({"max_memory_mb": 1}, "limits: max_memory_mb=1 must be a whole number of megabytes, 16 or more"),
        ({"max_model_tokens": "many"}, "limits: max_model_tokens='many' must be a whole number"),
    ],
)
def test_a_plugin_that_does_not_fit_is_left_out_alone(values: dict[str, Any], reason: str) -> None:
    # Given a plugin of two tools, of which one does not fit, beside a good plugin
    bad = {**MANIFEST, "name": "gptstore-bad", "tools": [{**TOOL, "slug": "fine"}, {**TOOL, "slug": "bad", **values}]}
    # When they are stored
    synced = sync.store(described(bad, MANIFEST))
    # Then nothing of the bad one is there, and it is said why
    assert synced.kept == ["shout"]
    assert [name for name, _reason in synced.broken] == ["gptstore-bad"]
    assert synced.broken[0][1].startswith(reason)
    assert list(Tool.objects.values_list("slug", flat=True)) == ["shout"]


@pytest.mark.django_db
def test_a_manifest_whose_texts_no_database_can_store_is_left_out_alone() -> None:
    bad = {**changed(slug="bad", title="half of a pair: \ud83d"), "name": "gptstore-bad"}
    synced = sync.store(described(bad, MANIFEST))
    assert (synced.kept, [name for name, _reason in synced.broken]) == (["shout"], ["gptstore-bad"])


def offering(slug: str, name: str, title: str = "Shout") -> dict[str, Any]:
    return {**changed(slug=slug, title=title), "name": name}


@pytest.mark.django_db
def test_a_slug_belongs_to_the_plugin_that_had_it_first() -> None:
    # Given a tool of a plugin
    sync.store(described(MANIFEST))
    # When another plugin comes before it by name and offers the same tool, and one of its own
    tools = [{**TOOL, "title": "Hijacked"}, {**TOOL, "slug": "own"}]
    hijack = {**MANIFEST, "name": "aaa-hijack", "tools": tools}
    synced = sync.store(described(hijack, MANIFEST))
    # Then the first one keeps it, and the other one is left out with the reason
    assert Tool.objects.get().plugin == "gptstore-shout"
    assert (synced.kept, synced.gone) == (["shout"], [])
    assert synced.broken == [
        (
            "aaa-hijack",
            "its tool 'shout' belongs to the plugin gptstore-shout, which had it first. To hand it over: "
            "`manage.py sync_tools --transfer shout=aaa-hijack`",
        )
    ]
    # And also while the first one is not installed
    assert sync.store(described(hijack)).kept == []
    assert (Tool.objects.get().title, Tool.objects.get().installed) == ("Shout", False)


@pytest.mark.django_db
def test_of_two_new_plugins_the_built_in_one_gets_the_slug_and_then_the_first_by_name() -> None:
    synced = sync.store(
        described(
            offering("summarizer", "aaa-hijack"),
            offering("shout", "bbb-late"),
            offering("shout", "bba-early"),
            offering("summarizer", "gptstore-summarizer"),
        )
    )
    assert dict(Tool.objects.values_list("slug", "plugin")) == {
        "summarizer": "gptstore-summarizer",
        "shout": "bba-early",
    }
    assert [name for name, _reason in synced.broken] == ["aaa-hijack", "bbb-late"]


@pytest.mark.django_db
def test_an_admin_hands_a_slug_over(monkeypatch: pytest.MonkeyPatch) -> None:
    sync.store(described(MANIFEST))
    before = Tool.objects.get().id
    monkeypatch.setattr(sync, "read_manifests", lambda: described(offering("shout", "acme-shout", "Louder")))
    call_command("sync_tools", "--transfer", "shout=acme-shout")
    tool = Tool.objects.listed().get()
    assert (tool.id, tool.plugin, tool.title) == (before, "acme-shout", "Louder")


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["shout", "whisper=acme-shout"])
def test_handing_over_what_is_no_tool_is_refused(given: str) -> None:
    with pytest.raises(CommandError, match=r"no SLUG=PLUGIN|no tool 'whisper'"):
        call_command("sync_tools", "--transfer", given)


def noted() -> dict[str, str]:
    return dict(BrokenPlugin.objects.values_list("name", "reason"))


@pytest.mark.django_db
def test_what_is_left_out_is_noted_for_the_admin_until_it_is_mended() -> None:
    broken = [{"plugin": "gptstore-bad", "error": "ImportError: no module named x"}]
    sync.store(described(MANIFEST, offering("shout", "zzz-late"), broken=broken))
    assert noted() == {
        "gptstore-bad": "ImportError: no module named x",
        "zzz-late": BrokenPlugin.objects.get(name="zzz-late").reason,
    }
    sync.store(described(MANIFEST))
    assert noted() == {}


@pytest.mark.django_db
def test_who_does_not_see_the_releases_leaves_what_is_noted_of_them_alone() -> None:
    broken = [{"plugin": "acme-1.2", "error": "a hash is wrong", "released": True}]
    sync.store({**described(broken=broken), "released": []})
    sync.store({**described(broken=[{"plugin": "gptstore-bad", "error": "x"}]), "released": None})
    assert noted() == {"acme-1.2": "a hash is wrong", "gptstore-bad": "x"}
    sync.store({**described(), "released": []})
    assert noted() == {}


@pytest.mark.django_db
def test_the_releases_alone_are_brought_up_to_date_and_all_others_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    # Given an installed plugin, one that is broken, and a release
    (tmp_path / "acme-1").mkdir()
    settings.ENV = settings.ENV.model_copy(update={"releases": tmp_path})
    found = [offering("whisper", "acme-whisper")]
    monkeypatch.setattr(sync, "ask", lambda command: described(*found))
    sync.store({**described(MANIFEST, broken=[{"plugin": "gptstore-bad", "error": "x"}]), "released": []})
    # When the releases alone are read, then nothing else changes
    synced = sync.sync_releases()
    assert (synced.kept, synced.gone, noted()) == (["whisper"], [], {"gptstore-bad": "x"})
    assert set(Tool.objects.listed().values_list("slug", flat=True)) == {"shout", "whisper"}
    # And when the release is gone, its tool is
    found.clear()
    assert sync.sync_releases().gone == ["whisper"]
    assert set(Tool.objects.listed().values_list("slug", flat=True)) == {"shout"}


@pytest.mark.django_db
def test_an_installed_plugin_takes_the_place_of_its_release_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"releases": tmp_path})
    sync.store({**described(offering("qa", "gptstore-qa", "Of the release")), "released": ["gptstore-qa"]})
    monkeypatch.setattr(sync, "ask", lambda command: described(offering("qa", "gptstore-qa", "Of the worker")))
    assert sync.sync_releases().kept == ["qa"]
    assert (Tool.objects.get().title, Tool.objects.get().released) == ("Of the worker", False)


@pytest.fixture
def plugin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose packages the describing processes find beside the installed ones."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_a_plugin_that_does_not_import_is_named(plugin_folder: Path) -> None:
    write_plugin(plugin_folder, "gptstore-odd", "print('chatter')\nraise RuntimeError('no such luck')\n")
    found = sync.read_manifests()
    (broken,) = found["broken"]
    assert broken["plugin"] == "gptstore-odd"
    assert "no such luck" in broken["error"]
    assert len(found["manifests"]) >= len(BUILT_IN)


@pytest.mark.django_db
def test_a_plugin_that_ends_its_process_is_named_and_left_out(
    plugin_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plugin(plugin_folder, "gptstore-odd", "import os\nos._exit(3)\n")
    call_command("sync_tools")
    assert "left out gptstore-odd: its process ended with status 3 while it was imported" in capsys.readouterr().err
    assert set(Tool.objects.listed().values_list("slug", flat=True)) == BUILT_IN


def test_a_plugin_that_never_answers_is_named(plugin_folder: Path, settings: Any) -> None:
    write_plugin(plugin_folder, "gptstore-odd", "import time\ntime.sleep(600)\n")
    settings.ENV = settings.ENV.model_copy(update={"plugin_import_seconds": 3})
    reasons = {entry["plugin"]: entry["error"] for entry in sync.read_manifests()["broken"]}
    assert reasons["gptstore-odd"] == "it was not imported within 3 s (GPTSTORE_PLUGIN_IMPORT_SECONDS)"


def test_a_command_that_prints_nothing_is_a_plain_failure() -> None:
    with pytest.raises(SyncFailed, match=r"No module named worker\.hosts\.nothing"):
        sync.ask([sys.executable, "-m", "worker.hosts.nothing"])


def test_what_describe_prints_is_json_alone() -> None:
    done = subprocess.run([sys.executable, "-m", "gptstore.sdk.describe"], capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["broken"] == []
