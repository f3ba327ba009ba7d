"""What the page of a release shows: its card, and the differences to the live one, from the rows alone."""

from typing import Any

from django.conf import settings

from gptstore.releases.changes import manifest_changes, package_changes, right_changes
from gptstore.releases.descriptions import describe_right, describe_risk, level_of
from gptstore.releases.errors import UntrustedRelease
from gptstore.releases.models import Release
from gptstore.releases.review import approvals_needed
from gptstore.releases.signatures import verify
from gptstore.releases.trusted_keys import TrustedKeys
from gptstore.sdk.bundle.pins import read_pins
from gptstore.sdk.bundle.sbom import read_licences


def review_context(release: Release) -> dict[str, Any]:
    live = release.plugin.live if release.plugin.live_id != release.pk else None
    rights = right_changes(live.rights if live else None, release.rights)
    values, more_values = manifest_changes(live.manifest if live else None, release.manifest)
    before = read_pins(live.lock) if live else []
    packages = package_changes(before, read_pins(release.lock), read_licences(release.sbom.encode()))
    is_signed = bool(release.publisher)
    return {
        "release": release,
        "live": live,
        "level": level_of(release.risk),
        "risk_parts": describe_risk([one.right for one in rights if one.state != "removed"], is_signed=is_signed),
        "rights": [{"state": one.state, "text": describe_right(one.right)} for one in rights],
        "values": values,
        "more_values": more_values,
        "packages": packages,
        "decisions": release.decisions.select_related("by"),
        "approvals_needed": approvals_needed(release),
        "signature_fault": signature_fault(release),
    }


def signature_fault(release: Release) -> str:
    """Return why workers would not run it as it is signed, or ""."""
    if not release.signature:
        return ""
    try:
        verify(release, TrustedKeys.read(settings.ENV.trusted_keys_file))
    except UntrustedRelease as error:
        return str(error)
    return ""
