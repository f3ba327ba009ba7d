"""How long a run may take: what its tool says, but no longer than the site allows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """Both in seconds; `own` is the tool's, None when its author named none."""

    own: int | None
    ceiling: int

    @property
    def seconds(self) -> int:
        return min(self.own or self.ceiling, self.ceiling)

    @property
    def message(self) -> str:
        """For the person whose run was stopped."""
        own = self.seconds == self.own
        who = "its author" if own else "the operator of this site (GPTSTORE_JOB_MAX_SECONDS)"
        unit = "second" if self.seconds == 1 else "seconds"
        return f"A run of this tool may take {self.seconds} {unit} here. To allow more is up to {who}."
