"""The versions of a tool that have been live: when, what each changed for who runs it, and who decided."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.db.models import Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gptstore.catalog.models import Tool
from gptstore.releases.changes import package_changes, right_changes
from gptstore.releases.descriptions import describe_right
from gptstore.releases.models import DeploymentState, Release
from gptstore.sdk.bundle.pins import read_pins

MAX_VERSIONS = 10
MAX_NAMED = 5


@dataclass(frozen=True)
class Version:
    """A version. changes: against the one before, in sentences. withdrawn: what became of it, or "".

    changelog: what its author says is new, Markdown. decided_by: who approved it. is_live: whether new runs get it.
    """

    version: str
    since: datetime
    changes: list[str]
    decided_by: list[str]
    is_live: bool
    withdrawn: str
    changelog: str = ""


def history_of(tool: Tool) -> list[Version]:
    """Return the versions of a tool that have been live, the newest first, with two queries; none without releases."""
    if not tool.release:
        return []
    went_live = Q(deployments__state__in=[DeploymentState.LIVE, DeploymentState.REPLACED])
    releases = Release.objects.filter(plugin__name=tool.plugin).annotate(since=Min("deployments__at", filter=went_live))
    lived = releases.filter(since__isnull=False).order_by("-since").defer("sbom", "quarantine_details")
    found = [one for one in lived.prefetch_related("decisions__by")[: MAX_VERSIONS + 1] if described_in(one, tool)]
    pairs = list(zip_longest(found, found[1:]))[:MAX_VERSIONS]
    return [as_version(release, before, tool) for release, before in pairs]


def described_in(release: Release, tool: Tool) -> dict[str, Any] | None:
    """Return the tool in the manifest of a release, or None where it has another name or is not there."""
    return next((one for one in release.manifest["tools"] if one["slug"] == tool.slug), None)


def as_version(release: Release, before: Release | None, tool: Tool) -> Version:
    withdrawn = _("Withdrawn for good") if release.yanked_at else _("In quarantine") if release.quarantined_at else ""
    approvals = [decision for decision in release.decisions.all() if decision.approves]
    return Version(
        release.version,
        release.since,  # type: ignore[attr-defined]
        list(changes_of(release, before, tool)) if before else [],
        [decision.by.get_username() for decision in approvals],
        release.key == tool.release,
        withdrawn,
        release.changelog,
    )


def changes_of(release: Release, before: Release, tool: Tool) -> Iterator[str]:
    """Yield what is different from the version before: rights, inputs, dependencies."""
    for change in right_changes(before.rights, release.rights):
        if change.state != "same" and change.right.tool in ("", tool.slug):
            text = _("New right: %(right)s") if change.state == "new" else _("Right given up: %(right)s")
            yield text % {"right": describe_right(change.right)}
    yield from input_changes(described_in(before, tool) or {}, described_in(release, tool) or {})
    own = re.sub(r"[-_.]+", "-", tool.plugin).lower()  # the lock names the plugin as well
    changes = package_changes(read_pins(before.lock), read_pins(release.lock), {})
    packages = [one for one in changes if one.state != "same" and one.name != own]
    if packages:
        named = ", ".join(f"{one.name} {one.before or '–'} → {one.after or '–'}" for one in packages[:MAX_NAMED])
        count = len(packages)
        text = ngettext("%(n)s dependency changed: %(named)s", "%(n)s dependencies changed: %(named)s", count)
        yield text % {"n": count, "named": named + (" …" if count > MAX_NAMED else "")}


def input_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = (one.get("input_schema", {}).get("properties", {}) for one in (before, after))
    for text, names in (
        (_("New inputs: %(names)s"), [name for name in new if name not in old]),
        (_("Inputs that are gone: %(names)s"), [name for name in old if name not in new]),
        (_("Inputs that changed: %(names)s"), [name for name in new if name in old and old[name] != new[name]]),
    ):
        if names:
            yield text % {"names": ", ".join(names[:MAX_NAMED]) + (" …" if len(names) > MAX_NAMED else "")}
