"""How much of one thing a run may take: what its tool says, but no more than the site allows."""

from dataclasses import dataclass

MEGA = 1_000_000


@dataclass(frozen=True)
class Kind:
    """What is limited. option: where a tool's author says it; setting: where a site's operator does."""

    option: str
    setting: str
    unit: str
    phrase: str

    def amount(self, most: int) -> str:
        if self.unit == "byte" and most % MEGA == 0:
            return f"{most // MEGA:,} MB"
        return f"{most:,} {self.unit}" if most == 1 else f"{most:,} {self.unit}s"


SECONDS = Kind("max_seconds", "GPTSTORE_JOB_MAX_SECONDS", "second", "take {}")
MEMORY = Kind("max_memory_mb", "GPTSTORE_TOOL_MEMORY_MB", "byte", "take {} of memory")
OUTPUT = Kind("max_output_bytes", "GPTSTORE_TOOL_OUTPUT_MB", "byte", "give {} of output")
MODEL_TOKENS = Kind("max_model_tokens", "GPTSTORE_TOOL_MODEL_TOKENS", "token", "use {} of the model, prompts included,")
LOG_LINES = Kind("max_log_lines", "GPTSTORE_TOOL_LOG_LINES", "line", "log {}")


@dataclass(frozen=True)
class Limit:
    """`own` is the tool's, None when its author named none; `ceiling` the site's."""

    kind: Kind
    own: int | None
    ceiling: int

    @property
    def most(self) -> int:
        return self.ceiling if self.own is None else min(self.own, self.ceiling)

    @property
    def message(self) -> str:
        """For the person whose run was stopped."""
        kind, own = self.kind, self.most == self.own
        who = f"its author ({kind.option})" if own else f"the operator of this site ({kind.setting})"
        return (
            f"A run of this tool may {kind.phrase.format(kind.amount(self.most))} here. To allow more is up to {who}."
        )
