"""What comes in by an export, checked by the code that checks an upload, before anything of it is stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gptstore.accounts.models import User
from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports.export_file import Export
from gptstore.releases.exports.format import ReleaseRecord
from gptstore.releases.exports.progress import Progress
from gptstore.releases.exports.trust import check_release, check_revoked
from gptstore.releases.intake import find_problems, is_same, owners_of_slugs
from gptstore.releases.models import Plugin, Release
from gptstore.releases.submit import fields_of
from gptstore.releases.trusted_keys import TrustedKeys
from gptstore.sdk.bundle.errors import printable
from gptstore.sdk.intake import manifests
from gptstore.sdk.intake.built_in import owner_of
from gptstore.sdk.intake.manifests import Taken
from gptstore.sdk.manifest import Manifest


@dataclass(frozen=True)
class Incoming:
    """A release that this store does not have. fields: of its row. notes: names of it that look like others' here."""

    record: ReleaseRecord
    fields: dict[str, Any]
    notes: list[str]


@dataclass(frozen=True)
class Sorted:
    """The releases of an export. there: those that this store has."""

    new: list[Incoming] = field(default_factory=list)
    there: list[Release] = field(default_factory=list)


class Names:
    """Whose the slugs and the names of plugins are: those of this store, and of what came before in the export."""

    def __init__(self) -> None:
        self.owners = owners_of_slugs("")
        self.plugins = {*Plugin.objects.values_list("name", flat=True), *self.owners.values()}

    def taken(self) -> Taken:
        """Return what no release may have."""
        return Taken(owner=lambda slug: owner_of(slug) or self.owners.get(slug))

    def alike(self, plugin: str) -> Taken:
        """Return that, and what a release of this plugin may not be mistaken for."""
        slugs = {slug for slug, owner in self.owners.items() if owner != plugin}
        return Taken(self.taken().owner, self.plugins - {plugin}, slugs)

    def add(self, manifest: Manifest, plugin: str) -> None:
        self.plugins.add(plugin)
        for tool in manifest.tools:
            self.owners.setdefault(tool.slug, plugin)


def sort_out(
    export: Export,
    records: Iterable[ReleaseRecord],
    by: User,
    trusted: TrustedKeys | None,
    revoked: TrustedKeys,
    progress: Progress,
) -> Sorted:
    """Check each release, and say which ones are new. Raises ReleaseError with all that is wrong.

    trusted: None where nobody here trusts the file; its releases are as uploads then. What a trusted store approved may
    look like another name here: that is noted.
    """
    found, names, faults = Sorted(), Names(), list[str]()
    records = [*records]
    done, size = 0, sum(record.size for record in records)
    for record in records:
        progress("Checked", done, size)
        done += record.size
        try:
            if trusted is None:
                check_revoked(record, revoked)
            else:
                check_release(record, trusted)
            if release := find_same(record):
                found.there.append(release)
            else:
                found.new.append(check_bundle(export, record, by, names, is_trusted=trusted is not None))
        except ReleaseError as error:
            faults.append(str(error))
    progress("Checked", size, size)
    if faults:
        raise ReleaseError("\n".join(faults))
    return found


def find_same(record: ReleaseRecord) -> Release | None:
    """Return the release if it is in this store, or None. Raises ReleaseError where another bundle has its version."""
    versions = Release.objects.filter(plugin__name=record.plugin).select_related("plugin")
    for release in versions.defer("manifest", "lock", "sbom"):
        if is_same(release.version, record.version):
            if release.sha256 == record.sha256:
                return release
            here, there = release.sha256[:12], record.sha256[:12]
            raise ReleaseError(
                f"{record.name} is in this store with another bundle: {here}… here, {there}… in the file. Keep the one "
                "that is here and import the others alone, or have the author raise the version."
            )
    return None


def check_bundle(export: Export, record: ReleaseRecord, by: User, names: Names, *, is_trusted: bool) -> Incoming:
    """Check the bundle of a new release as an upload is. Raises ReleaseError."""
    with export.open_bundle(record) as bundle:
        manifest, alike = bundle.contents.manifest, names.alike(record.plugin)
        taken = names.taken() if is_trusted else alike
        if problems := find_problems(bundle, by, taken):
            raise ReleaseError("\n".join(f"{record.name}: {printable(str(problem))}" for problem in problems))
        noted = {*manifests.find_problems(manifest, alike)} - {*manifests.find_problems(manifest, taken)}
        names.add(manifest, record.plugin)
        fields = {**fields_of(bundle), "sha256": record.sha256, "size": record.size}
        return Incoming(record, fields, sorted(printable(problem.message) for problem in noted))
