"""What an import changes, in lines for whoever runs it. What the file says about itself is made printable."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from gptstore.releases.descriptions import describe_right
from gptstore.releases.exports.export_file import Export
from gptstore.releases.exports.format import ReleaseRecord
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.rights import Right
from gptstore.sdk.bundle.errors import printable


@dataclass
class Report:
    """The lines. changes: what was not so before; empty when there was nothing to do."""

    title: str
    is_trusted: bool
    lines: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, export: Export, *, is_trusted: bool) -> Self:
        by = f" by {printable(export.header.by)}" if export.header.by else ""
        trust = "which is trusted here" if is_trusted else "which nobody trusts here: its releases wait for review"
        at = f"{export.signature.at:%Y-%m-%d %H:%M} UTC"
        title = f"Export of a {export.header.kind} of {at}{by}, signed by {export.signature.fingerprint}, {trust}."
        return cls(title, is_trusted)

    def add_present(self, release: Release) -> None:
        """Say that a release is here, and in which state it stays."""
        states = [str(release.get_status_display()).lower()] if release.status != ReleaseStatus.APPROVED else []
        states += ["yanked"] if release.yanked_at else []
        states += ["in quarantine"] if release.quarantined_at else []
        self.lines.append(f"= {release} is here{', and stays ' + ', '.join(states) if states else ''}")

    def add_new(self, release: Release, there: ReleaseRecord, notes: Iterable[str]) -> None:
        """Say how a release came in, who approved it in the other store, and what it may do."""
        live = release.plugin.live
        what = f"beside {live.version}, which is live" if live else "nothing of its plugin is live"
        if release.plugin.releases.count() == 1:
            what = "a new plugin"
        self.add_change(f"+ {release} ({release.size:,} bytes): {what}; {state_of(release)}")
        if approved := [decision for decision in there.decisions if decision.approves]:
            names = ", ".join(f"{printable(one.by)} on {one.at:%Y-%m-%d}" for one in approved)
            self.lines.append(f"    approved there by {names}")
        before = live.rights if live else []
        for right in release.rights:
            mark = "" if right in before or live is None else "new: "
            self.lines.append(f"    {mark}{printable(describe_right(Right(**right)))}")
        self.lines += [f"    note: {note}" for note in notes]
        if release.plugin.owner and self.is_trusted:
            self.lines.append(f"    note: the plugin is {release.plugin.owner.username}'s here")

    def add_changes(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.add_change(f"~ {printable(text)}")

    def add_change(self, line: str) -> None:
        self.changes.append(line)
        self.lines.append(line)

    def leave_store(self, reason: str) -> None:
        """Say why nothing of `store.toml` was done."""
        self.lines.append(f"! Nothing is deployed, and no tool is changed: {reason}.")


def state_of(release: Release) -> str:
    match release.status:
        case ReleaseStatus.APPROVED:
            return "approved, with the signature of the other store"
        case ReleaseStatus.IN_REVIEW:
            return "another person has to approve it in the admin"
    return "submitted, and waits for its review"
