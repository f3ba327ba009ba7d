"""A store carried to another one in a file, and single releases: what comes in, as what, and what is refused."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from gptstore.audit.chain import verify as verify_audit
from gptstore.audit.models import AuditEvent
from gptstore.releases.models import Decision, Plugin, Release, ReleaseStatus
from gptstore.releases.signatures import verify
from gptstore.releases.storage import bundles
from gptstore.releases.trusted_keys import TrustedKeys
from tests.releases.conftest import Approved
from tests.releases.other_store import go_to_another_store

pytestmark = pytest.mark.django_db


def call(command: str, *arguments: object) -> str:
    printed = StringIO()
    call_command(command, *map(str, arguments), stdout=printed)
    return printed.getvalue()


def key_of(release: Release) -> str:
    assert release.signature
    return str(release.signature["key"])


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
