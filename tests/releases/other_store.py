"""Another store in place of the one of a test, with a database that has nothing of it, and with a key of its own."""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent, ChainEnd
from gptstore.bundle_storage import storage_settings
from gptstore.catalog.models import Category, Tool
from gptstore.releases.models import Crash, Decision, Deployment, Plugin, Release
from harness.rows import make_user


def go_to_another_store(folder: Path, settings: Any, *, trusting: Iterable[str] = ()) -> User:
    """Empty the database, and give the store folders and trusted keys of its own. Return its admin, eve.

    trusting: the lines of its file with trusted keys; none for the file that a new store makes.
    """
    Plugin.objects.update(live=None)
    for model in (Crash, Decision, Deployment, Release, Plugin, Tool, Category, Group, User, ChainEnd):
        model.objects.all().delete()
    AuditEvent.objects.all()._raw_delete(AuditEvent.objects.db)
    folder.mkdir(exist_ok=True)
    (folder / "trusted").unlink(missing_ok=True)
    changed: dict[str, Any] = {"bundles": str(folder / "bundles"), "signing_key": folder / "store.key"}
    if lines := [*trusting]:
        (folder / "trusted").write_text("\n".join(lines))
        changed["trusted_keys"] = folder / "trusted"
    settings.ENV = settings.ENV.model_copy(update=changed)
    settings.STORAGES = {**settings.STORAGES, "bundles": storage_settings(changed["bundles"])}
    return make_user("eve", is_staff=True, is_superuser=True)


def call(command: str, *arguments: object) -> str:
    printed = StringIO()
    call_command(command, *map(str, arguments), stdout=printed)
    return printed.getvalue()


def key_of(release: Release) -> str:
    assert release.signature
    return str(release.signature["key"])
