"""Brings an export into this store: all of it or nothing, twice is once, and a rehearsal is the same up to its end.

    open and verify → trust → check each bundle → keep the bundles → one transaction: rows, `store.toml`, audit log

A release that a trusted store signed comes in as approved, with that signature; any other waits for review as an upload
does. The bundles are kept under their digests before the transaction, so that it is short: one that fails deletes them
again, and one that was killed leaves them to its next try.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.catalog.deployed import announce_deployed
from gptstore.catalog.errors import SlugTaken
from gptstore.catalog.sync import as_reason
from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports.export_file import Export
from gptstore.releases.exports.format import STORE, ExportKind, ReleaseRecord, bundle_name
from gptstore.releases.exports.incoming import Incoming, Sorted, sort_out
from gptstore.releases.exports.progress import Progress, silent
from gptstore.releases.exports.report import Report
from gptstore.releases.exports.trust import STORE_IMPORT, as_instant, check_newer, is_trusted
from gptstore.releases.models import UNDECIDED, Decision, Release, ReleaseStatus, bundle_file
from gptstore.releases.review import approvals_needed
from gptstore.releases.storage import delete_bundle, keep_content
from gptstore.releases.store_change import Cause
from gptstore.releases.store_file import StoreFile
from gptstore.releases.store_plan import carry_out, find_release, plan
from gptstore.releases.submit import create, ring_for_check
from gptstore.releases.trusted_keys import TrustedKeys


@dataclass(frozen=True)
class Request:
    """Who imports a file of this name, and what of it. plugins: the names of those to import; () for all.

    older: whether it may be older than what was imported before.
    """

    by: User
    name: str
    kind: ExportKind
    plugins: Collection[str] = ()
    dry_run: bool = False
    older: bool = False
    progress: Progress = field(default=silent)


def import_file(path: Path, request: Request) -> Report:
    """Import an export, of a release or of a store. Raises ReleaseError, and then nothing is changed."""
    with Export.open(path, request.progress) as export:
        if export.header.kind is not request.kind:
            command = f"import_{export.header.kind}"
            raise ReleaseError(f"{path} is the export of a {export.header.kind}: import it with `manage.py {command}`.")
        keys = trusted_keys()
        trusted = keys if is_trusted(export, keys) else None
        if trusted and export.store and not request.older:
            check_newer(export)
        records = chosen(export, request.plugins)
        found = sort_out(export, records, request.by, trusted, keys, request.progress)
        report = Report.begin(export, is_trusted=trusted is not None)
        kept = [] if request.dry_run else keep_bundles(export, (one.record for one in found.new))
        try:
            with transaction.atomic():
                bring_in(export, found, request, report)
                if request.dry_run:
                    transaction.set_rollback(True)
        except BaseException:
            discard(kept)
            raise
    return report


def trusted_keys() -> TrustedKeys:
    """Return the keys; none in a store that is so new that it has none. Raises UntrustedRelease."""
    path = settings.ENV.trusted_keys_file
    return TrustedKeys.read(path) if path.exists() else TrustedKeys({})


def chosen(export: Export, plugins: Collection[str]) -> list[ReleaseRecord]:
    records = [one for one in export.releases if not plugins or one.plugin in plugins]
    named = {one.plugin for one in records} | {*read_store(export).plugins}
    if unknown := sorted({*plugins} - named):
        raise ReleaseError(f"There is no plugin {unknown[0]} in the file.")
    return records


def keep_bundles(export: Export, records: Iterable[ReleaseRecord]) -> list[str]:
    """Put the bundles into the storage. Return the names of those that were not there."""
    kept: list[str] = []
    try:
        for one in records:
            with export.archive.section(bundle_name(one.sha256)) as content:
                if keep_content(content, one.size, bundle_file(one.sha256)):
                    kept.append(bundle_file(one.sha256))
    except BaseException:
        discard(kept)
        raise
    return kept


def discard(kept: Collection[str]) -> None:
    """Delete bundles that no release needs, because the import failed."""
    for name in kept:
        if not Release.objects.filter(sha256=Path(name).stem).exists():
            with suppress(ReleaseError):
                delete_bundle(name)


def bring_in(export: Export, found: Sorted, request: Request, report: Report) -> None:
    """Make the rows of what is new, and then do what `store.toml` says. Within a transaction. Raises ReleaseError."""
    for release in found.there:
        report.add_present(release)
    for one in found.new:
        release = add_release(export, one, request, is_trusted=report.is_trusted)
        report.add_new(release, one.record, one.notes)
    if export.store:
        apply_store(export, request, report)
    if report.changes and report.is_trusted:
        details = {"file": request.name, "kind": export.header.kind, "exported_at": as_instant(export)}
        action = STORE_IMPORT if export.store else "release.import_file"
        record(request.by, action, export.signature.key, **details, changes=len(report.changes))


def add_release(export: Export, new: Incoming, request: Request, *, is_trusted: bool) -> Release:
    """Make the row of one release, approved by whoever imports it if the file is trusted, submitted otherwise."""
    by, one = request.by, new.record
    try:
        with transaction.atomic():
            release = create(one.plugin, new.fields, by, owner=None if is_trusted else by)
    except IntegrityError:
        raise ReleaseError(
            f"{one.name} was submitted to this store at the same moment. Run the command again."
        ) from None
    there = {"sha256": one.sha256, "file": request.name, "file_key": export.signature.key}
    if not is_trusted:
        record(by, "release.submit", str(release), **there, risk=release.risk)
        ring_for_check()
        return release
    note = f"Imported from {request.name}, signed by {export.signature.fingerprint}."
    Decision.objects.create(release=release, by=by, approves=True, note=note)
    if max(settings.ENV.import_approvals, approvals_needed(release)) > 1:
        release.status = ReleaseStatus.IN_REVIEW
    else:
        release.status, release.signature = ReleaseStatus.APPROVED, one.signature.model_dump()
    release.save(update_fields=["status", "signature"])
    approved_there = [decision.by for decision in one.decisions if decision.approves]
    details = {"key": one.signature.key, "approved_there": approved_there, "status": str(release.status)}
    record(by, "release.import", str(release), **there, **details)
    return release


def apply_store(export: Export, request: Request, report: Report) -> None:
    """Do what `store.toml` says, if somebody here trusts it, and all that it wants to be live is approved."""
    wanted = read_store(export)
    if request.plugins:
        slugs = {tool for name in request.plugins for tool in slugs_of(name, wanted)}
        wanted = wanted.only(request.plugins, slugs)
    if not report.is_trusted:
        report.leave_store("it is not signed by a key that is trusted here")
        return
    releases = [release for name, entry in wanted.plugins.items() if (release := find_release(name, entry))]
    if waiting := [release for release in releases if release.status in UNDECIDED]:
        report.leave_store(f"{', '.join(map(str, waiting))} waits for a decision here. Run the command again after it")
        return
    try:
        for release in releases:
            announce_deployed(release.manifest)
    except SlugTaken as error:
        raise ReleaseError(str(error)) from None
    except ValidationError as error:
        raise ReleaseError(as_reason(error)) from None
    changes = plan(wanted, Cause(request.by, f"import of {request.name}", makes_missing=True))
    carry_out(changes)
    report.add_changes(change.text for change in changes)


def read_store(export: Export) -> StoreFile:
    return StoreFile.parse(export.store, STORE)


def slugs_of(plugin: str, wanted: StoreFile) -> list[str]:
    release = find_release(plugin, wanted.plugins[plugin]) if plugin in wanted.plugins else None
    return [tool["slug"] for tool in release.manifest["tools"]] if release else []
