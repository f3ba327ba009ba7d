"""Takes the bundles of new releases."""

from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.celery import CHECK_NEXT_RELEASE
from gptstore.jobs.doorbell import ring_soon
from gptstore.releases.deploy import lock as lock_plugin
from gptstore.releases.errors import BundleRefused
from gptstore.releases.intake import find_owner_problems, find_problems, find_version_problems
from gptstore.releases.models import Plugin, Release
from gptstore.releases.rights import rights_of, risk_of
from gptstore.releases.storage import keep_bundle
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.changelog import find_entry
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import HEADER, REQUIREMENTS, SBOM
from gptstore.sdk.bundle.release_key import key_of
from gptstore.sdk.intake.rules import RULES
from gptstore.sdk.problem import Problem


def submit(path: Path, by: User) -> Release:
    """Store the bundle in this file as a new release. Nothing of it is unpacked, and none of its code runs.

    Raises BundleRefused with all that is wrong with it, and BundleStorageError.
    """
    try:
        with Bundle.open(path) as bundle:
            if problems := find_problems(bundle, by):
                raise BundleRefused(problems)
            return store(bundle, path, by)
    except BundleError as error:
        raise BundleRefused([Problem("bundle", str(error).rstrip("."), RULES["bundle"].mend)]) from None


def store(bundle: Bundle, path: Path, by: User) -> Release:
    """Store a checked bundle, and its file in the storage within the transaction: no release lacks its file."""
    header = bundle.contents.header
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    try:
        with transaction.atomic():
            fields = {**fields_of(bundle), "sha256": digest, "size": path.stat().st_size}
            release = create(header.name, fields, by, owner=by)
            record(by, "release.submit", str(release), sha256=digest, risk=release.risk)
            keep_bundle(path, release)
            ring_for_check()
    except IntegrityError:
        message = f"{header.name} {header.version} was submitted before"
        raise BundleRefused([Problem("version", message, RULES["version"].mend, HEADER)]) from None
    return release


def fields_of(bundle: Bundle) -> dict[str, Any]:
    """Return what the row of a release has from its bundle."""
    header, manifest = bundle.contents.header, bundle.contents.manifest
    rights = rights_of(manifest, bundle.wheels)
    lock = bundle.archive.read(REQUIREMENTS)
    return {
        "version": header.version,
        "key": key_of(f"{header.name}-{header.version}", lock),
        "manifest": manifest.model_dump(mode="json"),
        "lock": lock.decode(),
        "sbom": bundle.archive.read_text(SBOM),
        "changelog": find_entry(bundle.contents.changelog, header.version),
        "rights": [right.as_json() for right in rights],
        "risk": risk_of(rights, is_signed=bundle.signature is not None),
        "publisher": bundle.signature.fingerprint if bundle.signature else "",
    }


def create(name: str, fields: Mapping[str, Any], by: User, *, owner: User | None) -> Release:
    """Make the row of a checked bundle of this plugin, within a transaction. owner: of the plugin, if it is new.

    Raises BundleRefused when its name or version was taken meanwhile, and IntegrityError.
    """
    plugin, is_new = Plugin.objects.get_or_create(name=name, defaults={"owner": owner})
    lock_plugin(plugin)
    check_again(plugin, fields["version"], by, is_new=is_new)
    return Release.objects.create(plugin=plugin, submitted_by=by, **fields)


def ring_for_check() -> None:
    """Have a worker check what was submitted, once this transaction is committed."""
    transaction.on_commit(lambda: ring_soon(CHECK_NEXT_RELEASE))


def check_again(plugin: Plugin, version: str, by: User, *, is_new: bool) -> None:
    """Check what may have changed since the bundle was checked, now that nobody can change it. Raises BundleRefused."""
    problems = [] if is_new else [*find_owner_problems(plugin.name, by)]
    if problems := [*problems, *find_version_problems(plugin.name, version)]:
        raise BundleRefused(problems)
