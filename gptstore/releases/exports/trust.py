"""How far this store trusts an export: by the keys whose releases its workers run, see GPTSTORE_TRUSTED_KEYS."""

from gptstore.audit.models import AuditEvent
from gptstore.releases.errors import ReleaseError, UntrustedRelease
from gptstore.releases.exports.export_file import Export
from gptstore.releases.exports.format import ReleaseRecord
from gptstore.releases.models import Plugin, Release
from gptstore.releases.signatures import verify
from gptstore.releases.trusted_keys import TrustedKeys

STORE_IMPORT = "store.import"
"""The action in the audit log, whose target is the key that signed what was imported."""


def is_trusted(export: Export, trusted: TrustedKeys) -> bool:
    """Return whether a trusted key signed it; False for a key that nobody here knows. Raises UntrustedRelease.

    A key that was revoked, or that signed after its last day, is worse than an unknown one: nothing of it comes in.
    """
    key = export.signature.key
    if key not in trusted.keys and key not in trusted.revoked:
        return False
    try:
        trusted.check(key, export.signature.at.date(), "")
    except UntrustedRelease as error:
        raise UntrustedRelease(f"Nothing is imported. {error} Have it exported with a key that is trusted.") from None
    return True


def check_release(record: ReleaseRecord, trusted: TrustedKeys) -> None:
    """Check that a trusted key signed this release, too: the store that exports one need not have approved it.

    Raises UntrustedRelease.
    """
    signed = record.signature.model_dump()
    release = Release(plugin=Plugin(name=record.plugin), version=record.version, sha256=record.sha256, signature=signed)
    try:
        verify(release, trusted)
    except UntrustedRelease as error:
        raise UntrustedRelease(
            f"{record.name}: {error} Export it again without it, or import the others alone."
        ) from None


def check_revoked(record: ReleaseRecord, trusted: TrustedKeys) -> None:
    """Check that this store has not revoked the bundle, whoever brings it. Raises UntrustedRelease."""
    if record.sha256 in trusted.revoked:
        raise UntrustedRelease(f"{record.name} was revoked here (GPTSTORE_TRUSTED_KEYS). Import the others alone.")


def check_newer(export: Export) -> None:
    """Check that nothing newer of the same store was imported: an old export takes mended tools back to old faults.

    Raises ReleaseError.
    """
    events = AuditEvent.objects.filter(action=STORE_IMPORT, target=export.signature.key)
    newest = max((str(event["exported_at"]) for event in events.values_list("details", flat=True)), default="")
    if as_instant(export) < newest:
        raise ReleaseError(
            f"It is of {as_instant(export)}, and one of {newest} from the same store was imported before. Import the "
            "newest one, or say --older if you want to go back."
        )


def as_instant(export: Export) -> str:
    """Return when it was exported, as a text that sorts by time."""
    return export.signature.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
