"""A release carried to another store in a file: what comes in, as what, and what is refused."""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError

from gptstore.accounts.models import User
from gptstore.audit.chain import verify as verify_audit
from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Tool
from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports import importer
from gptstore.releases.exports.progress import on_terminal
from gptstore.releases.models import Decision, Plugin, Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.signatures import verify
from gptstore.releases.storage import bundles
from gptstore.releases.stored_bundle import open_stored
from gptstore.releases.submit import submit
from gptstore.releases.trusted_keys import TrustedKeys
from gptstore.sdk.bundle.adapter import find_adapter
from harness.rows import make_tool, make_user
from tests.authors.bundle_parts import safetensors, write_small_bundle
from tests.releases.conftest import Approved
from tests.releases.hostile_case import Plan
from tests.releases.other_store import call, go_to_another_store, key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(approved: Approved, tmp_path: Path) -> tuple[Path, str]:
    """The file of a release, and the key of its store."""
    key = key_of(approved("1.0"))
    call("export_release", "acme-tool", "1.0", "--to", tmp_path / "acme.gptrelease", "--by", "boss")
    return tmp_path / "acme.gptrelease", key


def test_a_release_of_a_trusted_store_is_approved_with_its_signature(
    exported: tuple[Path, str], tmp_path: Path, settings: Any
) -> None:
    path, key = exported
    eve = go_to_another_store(tmp_path / "island", settings, trusting=[key])

    rehearsed = call("import_release", path, "--by", "eve", "--dry-run")
    assert (
        not Release.objects.exists() and not AuditEvent.objects.exists() and not (tmp_path / "island/bundles").exists()
    )
    said = call("import_release", path, "--by", "eve")

    release = Release.objects.get()
    assert (release.status, key_of(release)) == (ReleaseStatus.APPROVED, key)
    verify(release, TrustedKeys.read(django_settings.ENV.trusted_keys_file))
    assert bundles().size(release.file) == release.size
    assert "approved there by boss" in said and "a new plugin" in said
    assert rehearsed == said + "Nothing was changed: this was a rehearsal.\n"
    imported = AuditEvent.objects.get(action="release.import")
    assert (imported.actor, imported.details["key"], imported.details["approved_there"]) == ("eve", key, ["boss"])
    assert Plugin.objects.get().owner is None and Decision.objects.get().by == eve
    verify_audit()
    # And a second time changes nothing
    events = AuditEvent.objects.count()
    assert "= acme-tool 1.0 is here\nNothing to change." in call("import_release", path, "--by", "eve")
    assert (AuditEvent.objects.count(), Release.objects.count()) == (events, 1)


def test_a_release_of_an_unknown_store_waits_like_an_upload(
    exported: tuple[Path, str], tmp_path: Path, settings: Any
) -> None:
    path, _ = exported
    eve = go_to_another_store(tmp_path / "island", settings)

    said = call("import_release", path, "--by", "eve")

    release = Release.objects.get()
    assert (release.status, release.signature, release.submitted_by) == (ReleaseStatus.SUBMITTED, None, eve)
    assert "nobody trusts here" in said and "waits for its review" in said
    assert not Decision.objects.exists()
    assert AuditEvent.objects.get().action == "release.submit"


def test_two_people_can_be_required(exported: tuple[Path, str], tmp_path: Path, settings: Any) -> None:
    path, key = exported
    eve = go_to_another_store(tmp_path / "island", settings, trusting=[key])
    settings.ENV = settings.ENV.model_copy(update={"import_approvals": 2})

    assert "another person has to approve it" in call("import_release", path, "--by", "eve")

    release = Release.objects.get()
    assert (release.status, release.signature) == (ReleaseStatus.IN_REVIEW, None)
    with pytest.raises(ReleaseError, match="second person"):
        approve(release, eve)
    release = approve(release, make_user("mallory", is_staff=True, is_superuser=True))
    assert release.status == ReleaseStatus.APPROVED
    assert key_of(release) != key, "what two people approve here, this store signs"


def test_a_release_that_reaches_the_network_always_needs_two(
    ada: User,
    boss: User,
    tmp_path: Path,
    settings: Any,
) -> None:
    (tmp_path / "net").mkdir()
    told = {"network": True, "description": "Network: asks the service of acme.example for the weather."}
    release = submit(Plan(tool=told).write(tmp_path / "net"), ada)
    Release.objects.update(status=ReleaseStatus.IN_REVIEW)
    for person in (boss, make_user("ben", is_staff=True)):
        release = approve(release, person)
    call("export_release", "acme-tool", "1.2.0", "--to", tmp_path / "net.gptrelease")
    go_to_another_store(tmp_path / "island", settings, trusting=[key_of(release)])

    said = call("import_release", tmp_path / "net.gptrelease", "--by", "eve")

    assert Release.objects.get().status == ReleaseStatus.IN_REVIEW
    assert "say reaches the network" in said and "ben on" in said


def test_an_adapter_travels_along(ada: User, boss: User, tmp_path: Path, settings: Any) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    (folder / "adapter_model.safetensors").write_bytes(safetensors({"layer.lora_A": 4, "layer.lora_B": 8}))
    release = submit(write_small_bundle(tmp_path / "with", adapter=find_adapter(folder)), ada)
    Release.objects.update(status=ReleaseStatus.IN_REVIEW)
    release = approve(release, boss)
    call("export_release", "acme-tool", "1.2.0", "--to", tmp_path / "lora.gptrelease")
    go_to_another_store(tmp_path / "island", settings, trusting=[key_of(release)])

    call("import_release", tmp_path / "lora.gptrelease", "--by", "eve")

    with open_stored(Release.objects.get()) as bundle:
        weights = bundle.archive.section("adapter/adapter_model.safetensors").read()
    assert weights == (folder / "adapter_model.safetensors").read_bytes()


def test_another_bundle_with_the_same_version_is_refused(
    exported: tuple[Path, str], tmp_path: Path, settings: Any
) -> None:
    path, key = exported
    eve = go_to_another_store(tmp_path / "island", settings, trusting=[key])
    submit(write_small_bundle(tmp_path / "mine", version="1.0", code="WORD = 'other'"), eve)

    with pytest.raises(CommandError, match=r"with another bundle: .*have the author raise the version"):
        call("import_release", path, "--by", "eve")

    assert Release.objects.count() == 1


def test_a_name_that_looks_like_another_one_here_is_noted(
    exported: tuple[Path, str], tmp_path: Path, settings: Any
) -> None:
    path, key = exported
    go_to_another_store(tmp_path / "island", settings, trusting=[key])
    make_tool("other", plugin="acme-tooi")

    assert "note: the package's name acme-tool is easily mistaken for acme-tooi" in call(
        "import_release", path, "--by", "eve", "--dry-run"
    )
    Tool.objects.update(slug="say")
    with pytest.raises(CommandError, match="'say' belongs to the plugin acme-tooi"):
        call("import_release", path, "--by", "eve")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"yanked_at": "2026-01-01T00:00:00Z"}, "yanked"),
        ({"quarantined_at": "2026-01-01T00:00:00Z"}, "in quarantine"),
        ({"status": ReleaseStatus.REJECTED}, "rejected"),
    ],
)
def test_what_was_decided_here_stays(
    values: dict[str, Any], said: str, exported: tuple[Path, str], tmp_path: Path, settings: Any
) -> None:
    path, key = exported
    go_to_another_store(tmp_path / "island", settings, trusting=[key])
    call("import_release", path, "--by", "eve")
    Release.objects.update(**values)

    assert f"is here, and stays {said}\nNothing to change." in call("import_release", path, "--by", "eve")
    assert not Release.objects.get().is_deployable


def test_a_failure_leaves_nothing_and_a_killed_import_is_tried_again(
    exported: tuple[Path, str], tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = exported
    eve = go_to_another_store(tmp_path / "island", settings, trusting=[key])
    monkeypatch.setattr(importer, "add_release", broken)
    with pytest.raises(RuntimeError):
        call("import_release", path, "--by", "eve")
    assert not list((tmp_path / "island").rglob("*.gptx")) and not Plugin.objects.exists()
    monkeypatch.undo()
    # A process that was killed while it wrote the bundle leaves the begin of it, under its name
    with ZipFile(path) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".gptx")).removeprefix("releases/")
        left = tmp_path / "island/bundles" / name[:2] / name
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(archive.read(f"releases/{name}")[:1000])

    call("import_release", path, "--by", "eve")

    with open_stored(Release.objects.get()) as bundle:
        assert bundle.contents.header.name == "acme-tool"
    assert eve.username == Release.objects.get().submitted_by.username  # type: ignore[union-attr]


def broken(*arguments: object, **options: object) -> None:
    raise RuntimeError("the power went")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export_release", "nothing"], "no plugin nothing"),
        (["export_release", "acme-tool", "9"], "no acme-tool 9. What can be exported: 1.0"),
        (["export_release", "acme-tool"], "No release of acme-tool is live: give a version"),
        (["export_release", "acme-tool", "2.0"], "2.0 is not approved"),
        (["export_release", "acme-tool", "1.0", "--to", "{path}"], "is there already"),
        (["export_release", "acme-tool", "1.0", "--to", "/no/such/file"], "no folder /no/such"),
        (["export_release", "acme-tool", "1.0", "--by", "ada"], "no active account of staff with the name ada"),
        (["export_store", "--plugin", "nothing", "--to", "{path}x"], "no plugin nothing"),
        (["export_store", "--to", "{path}x"], "nothing to export"),
        (["import_store", "{path}", "--by", "boss"], "is the export of a release: import it with"),
        (["import_release", "{path}", "--by", "nobody"], "no active account of staff"),
        (["import_release", "{path}", "--by", "clerk"], "clerk lacks the permission releases.review_release"),
        (["import_release", "{path}.not", "--by", "boss"], "cannot be read: No such file"),
    ],
)
def test_each_refusal_is_a_sentence(
    arguments: list[str],
    said: str,
    exported: tuple[Path, str],
    bundle: Callable[[str], Path],
    ada: User,
) -> None:
    path, _ = exported
    make_user("clerk", is_staff=True)
    submit(bundle("2.0"), ada)

    with pytest.raises(CommandError) as refused:
        call(*[one.format(path=path) for one in arguments])

    assert said in str(refused.value) and str(refused.value).endswith((".", "`."))


def test_a_store_exports_only_what_its_workers_would_run(approved: Approved, tmp_path: Path, settings: Any) -> None:
    release = approved("1.0")
    trusted = django_settings.ENV.trusted_keys_file
    trusted.write_text(trusted.read_text() + f"revoked {key_of(release)}\n")

    with pytest.raises(CommandError, match="key that signed it was revoked"):
        call("export_release", "acme-tool", "1.0", "--to", tmp_path / "x")

    trusted.write_text(key_of(release))
    stored = Path(bundles().path(release.file))
    stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(CommandError, match=r"The stored bundle of acme-tool .* is not what was submitted"):
        call("export_release", "acme-tool", "1.0", "--to", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_terminal_shows_how_far_a_large_file_has_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_terminal("Verified", 30_000_000, 90_000_000)
    assert capsys.readouterr().err == "", "errors go to a file"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for done in (30_000_000, 90_000_000):
        on_terminal("Verified", done, 90_000_000)
    on_terminal("Verified", 1000, 2000)

    assert capsys.readouterr().err == "\rVerified 30 of 90 MB\rVerified 90 of 90 MB\n"


def test_the_help_has_examples() -> None:
    for command in ("export_release", "export_store", "import_release", "import_store"):
        printed = StringIO()
        with pytest.raises(SystemExit), redirect_stdout(printed):
            call_command(command, "--help")
        assert f"examples:\n  manage.py {command}" in printed.getvalue()
