"""A limit on one resource of a run: the tool's own, but no more than the site allows; and its sentence for people."""

from dataclasses import dataclass

from gptstore.sdk.limits import MEGA, LimitKind


@dataclass(frozen=True)
class Limit:
    """One limit of one run, in the measure of its kind: `own` is the tool's, or None; `ceiling` the site's.

    by_admin: whether an admin set the tool's, below its author's.
    """

    kind: LimitKind
    own: int | None
    ceiling: int
    by_admin: bool = False

    @property
    def most(self) -> int:
        return self.ceiling if self.own is None else min(self.own, self.ceiling)

    @property
    def amount(self) -> str:
        """Return the amount that a run may take, with its unit."""
        most, unit = self.most, self.kind.measure
        if unit == "byte" and most % MEGA == 0:
            return f"{most // MEGA:,} MB"
        return f"{most:,} {unit}" if most == 1 else f"{most:,} {unit}s"

    @property
    def message(self) -> str:
        """Return the sentence for the person whose run was stopped."""
        kind, own = self.kind, self.most == self.own
        who = f"the operator of this site ({kind.setting})"
        if own:
            who = f"{'an admin of this site' if self.by_admin else 'its author'} ({kind.name})"
        return f"A run of this tool may {kind.phrase.format(self.amount)} here. To allow more is up to {who}."
