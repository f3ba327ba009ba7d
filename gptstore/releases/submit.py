"""Takes the bundles of new releases."""

from hashlib import file_digest
from pathlib import Path

from django.core.files import File
from django.db import IntegrityError, transaction

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.releases.errors import BundleRefused
from gptstore.releases.models import Plugin, Release
from gptstore.releases.rights import rights_of, risk_of
from gptstore.releases.storage import bundles
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import REQUIREMENTS, SBOM
from gptstore.sdk.bundle.release_key import key_of


def submit(path: Path, by: User) -> Release:
    """Store the bundle in this file as a new release. Nothing of it is unpacked. Raises BundleRefused."""
    try:
        with Bundle.open(path) as bundle:
            return store(bundle, path, by)
    except BundleError as error:
        raise BundleRefused(str(error)) from None


def store(bundle: Bundle, path: Path, by: User) -> Release:
    """Store an open bundle, and its file in the storage: the file first, so that no release lacks its file."""
    header, manifest = bundle.contents.header, bundle.contents.manifest
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    rights = rights_of(manifest, bundle.wheels)
    lock = bundle.archive.read(REQUIREMENTS)
    try:
        with transaction.atomic():
            plugin, is_new = Plugin.objects.get_or_create(name=header.name, defaults={"owner": by})
            if not is_new and plugin.owner_id != by.pk and not by.is_staff:
                raise BundleRefused(f"The plugin {plugin} is somebody else's. Choose another name.")
            if plugin.releases.filter(version=header.version).exists():
                raise BundleRefused(f"{plugin} {header.version} was submitted before. Raise its version.")
            release = Release.objects.create(
                plugin=plugin,
                version=header.version,
                key=key_of(f"{header.name}-{header.version}", lock),
                sha256=digest,
                size=path.stat().st_size,
                manifest=manifest.model_dump(mode="json"),
                lock=lock.decode(),
                sbom=bundle.archive.read_text(SBOM),
                rights=[right.as_json() for right in rights],
                risk=risk_of(rights, is_signed=bundle.signature is not None),
                publisher=bundle.signature.fingerprint if bundle.signature else "",
                submitted_by=by,
            )
            record(by, "release.submit", str(release), sha256=digest, risk=release.risk)
            keep_file(path, release)
    except IntegrityError:
        raise BundleRefused(f"{header.name} {header.version} was submitted before. Raise its version.") from None
    return release


def keep_file(path: Path, release: Release) -> None:
    """Put the file into the storage, under the name of its content, so that twice is once."""
    storage = bundles()
    if not storage.exists(release.file):
        with path.open("rb") as file:
            storage.save(release.file, File(file))
