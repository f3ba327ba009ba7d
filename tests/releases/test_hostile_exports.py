"""A hostile export is refused by one sentence, and nothing of it is stored: no row, no event, no file."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management.base import CommandError

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.bundle_storage import storage_settings
from gptstore.catalog.models import Tool
from gptstore.releases.deploy import deploy
from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports.export_file import Export
from gptstore.releases.models import Decision, Deployment, Plugin, Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from gptstore.sdk.bundle.signing_key import SigningKey
from harness.rows import make_user
from tests.authors.bundle_parts import write_small_bundle
from tests.releases.hostile_case import SEED
from tests.releases.hostile_exports import HostileExport, cases, part, read_export
from tests.releases.other_store import call, go_to_another_store

pytestmark = pytest.mark.django_db
CASES = [*cases()]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Path]:
    """The export of a store with two releases of acme-tool, and its key beside it."""
    from django.db import transaction

    folder = tmp_path_factory.mktemp("honest")
    env, storages = django_settings.ENV, django_settings.STORAGES
    django_settings.ENV = env.model_copy(update={"bundles": str(folder), "signing_key": folder / "own.key"})
    django_settings.STORAGES = {**storages, "bundles": storage_settings(str(folder / "bundles"))}
    try:
        with django_db_blocker.unblock(), transaction.atomic():
            boss = make_user("boss", is_staff=True, is_superuser=True)
            for version in ("1.0", "1.1"):
                release = submit(write_small_bundle(folder / version, version=version), boss)
                Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW)
                approve(release, boss)
            release.refresh_from_db()
            deploy(release, boss)
            call("export_store", "--all", "--to", folder / "honest.gptstore")
            transaction.set_rollback(True)
    finally:
        django_settings.ENV, django_settings.STORAGES = env, storages
    SigningKey.create(folder / "other.key")
    yield folder / "honest.gptstore"


def keys_beside(path: Path) -> dict[str, SigningKey]:
    return {name: SigningKey.read(path.with_name(f"{name}.key")) for name in ("own", "other")}


def island(case: HostileExport, honest: Path, folder: Path, settings: Any) -> Path:
    """Go to a store that trusts what the case says, and write the file there."""
    keys, files = keys_beside(honest), read_export(honest)
    told = {"key": keys["own"].public, "other": keys["other"].public, "bundle": part(files, ".gptx")[9:73]}
    go_to_another_store(folder / "island", settings, trusting=[case.trusted.format(**told)])
    path = folder / "hostile.gptstore"
    path.write_bytes(case.content(files, keys))
    return path


def rows() -> list[int]:
    return [model.objects.count() for model in (Plugin, Release, Decision, Deployment, Tool, AuditEvent, User)]


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 80 and len({case.name for case in CASES}) == len(CASES)


def test_the_export_without_a_trick_comes_in(honest: Path, tmp_path: Path, settings: Any) -> None:
    path = island(HostileExport("signed again", ""), honest, tmp_path, settings)

    assert "approved, with the signature" in call("import_store", path, "--by", "eve")
    assert Release.objects.count() == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name[:60])
def test_it_is_refused(case: HostileExport, honest: Path, tmp_path: Path, settings: Any) -> None:
    path = island(case, honest, tmp_path, settings)
    before = rows()

    for options in (["--dry-run"], []):
        with pytest.raises(CommandError) as refused:
            call("import_store", path, "--by", "eve", *options)
        said = str(refused.value)
        assert re.search(case.sentence, said), said
        assert all(line.isprintable() and len(line) < 1000 for line in said.splitlines())
        assert said.rstrip()[-1] in ".`)", said
    assert rows() == before
    assert not list((tmp_path / "island").rglob("*.gptx"))


def test_a_changed_byte_anywhere_is_found(honest: Path, tmp_path: Path) -> None:
    """Each header, name, checksum and the signature, byte for byte; and some bytes of each bundle."""
    content, chosen = bytearray(honest.read_bytes()), random.Random(SEED)
    files = read_export(honest)
    inside = {place for name in files for place in range(*span(bytes(content), files[name]))}
    bundles = {place for name in files if name.endswith(".gptx") for place in range(*span(bytes(content), files[name]))}
    places = [*sorted({*range(len(content))} - inside), *sorted(inside - bundles)[::7]]
    places += chosen.sample(sorted(bundles), 60)
    path = tmp_path / "changed.gptstore"
    for place in places:
        content[place] ^= 1 << chosen.randrange(8)
        path.write_bytes(content)
        with pytest.raises(ReleaseError), Export.open(path):
            pass
        content[place] = honest.read_bytes()[place]
    assert len(places) > 1000


def span(whole: bytes, content: bytes) -> tuple[int, int]:
    begin = whole.index(content)
    return begin, begin + len(content)
