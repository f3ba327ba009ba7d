"""The limits on a run: each is declared here once, for `@tool`, manifests, the API, workers and messages to people."""

from __future__ import annotations

from dataclasses import dataclass

MEGA = 1_000_000
_BYTES = {"byte": 1, "megabyte": MEGA}
_ENV_PREFIX = "GPTSTORE_"


@dataclass(frozen=True, eq=False)  # by identity: a run looks its limits up for every token
class LimitKind:
    """One limit on a run.

    name: its name in `@tool` and in the manifest; unit: the authors' unit; least: the least value that makes sense.
    setting: the operator's setting, which no tool goes over; setting_unit: its unit; default: its default.
    phrase: the predicate in "A run of this tool may take 90 seconds"; description: for readers of the API.
    """

    name: str
    unit: str
    setting: str
    setting_unit: str
    default: int
    phrase: str
    description: str
    least: int = 1

    @property
    def measure(self) -> str:
        """Return the unit in which a worker counts it."""
        return "byte" if self.unit in _BYTES else self.unit

    @property
    def env_field(self) -> str:
        """Return the setting's name in `gptstore.env.Environment`."""
        return self.setting.removeprefix(_ENV_PREFIX).lower()

    def own(self, value: int | None) -> int | None:
        """Convert an author's value to the worker's unit; None where they named no limit."""
        return None if value is None else value * _BYTES.get(self.unit, 1)

    def ceiling(self, value: int) -> int:
        """Convert an operator's value to the worker's unit."""
        return value * _BYTES.get(self.setting_unit, 1)


SECONDS = LimitKind(
    "max_seconds",
    unit="second",
    setting="GPTSTORE_JOB_MAX_SECONDS",
    setting_unit="second",
    default=3600,
    phrase="take {}",
    description="How long a run may take, as its author says; null: as long as the store allows.",
)
MEMORY = LimitKind(
    "max_memory_mb",
    unit="megabyte",
    setting="GPTSTORE_TOOL_MEMORY_MB",
    setting_unit="megabyte",
    default=1024,
    phrase="take {} of memory",
    description="Megabytes of memory.",
    least=16,  # to read the longest input may take eight
)
DISK = LimitKind(
    "max_disk_mb",
    unit="megabyte",
    setting="GPTSTORE_TOOL_DISK_MB",
    setting_unit="megabyte",
    default=256,
    phrase="keep {} on disk",
    description="Megabytes that it keeps on disk.",
)
OUTPUT = LimitKind(
    "max_output_bytes",
    unit="byte",
    setting="GPTSTORE_TOOL_OUTPUT_MB",
    setting_unit="megabyte",
    default=10,
    phrase="give {} of output",
    description="Bytes of output.",
)
MODEL_TOKENS = LimitKind(
    "max_model_tokens",
    unit="token",
    setting="GPTSTORE_TOOL_MODEL_TOKENS",
    setting_unit="token",
    default=1_000_000,
    phrase="use {} of the model, prompts included,",
    description="Tokens of the model, in prompts and answers together.",
)
LOG_LINES = LimitKind(
    "max_log_lines",
    unit="line",
    setting="GPTSTORE_TOOL_LOG_LINES",
    setting_unit="line",
    default=10_000,
    phrase="log {}",
    description="Lines that it logs.",
)

LIMITS = {kind.name: kind for kind in (SECONDS, MEMORY, DISK, OUTPUT, MODEL_TOKENS, LOG_LINES)}
"""Every limit, by its name."""


def find_problem(name: str, value: object) -> str:
    """Return what is wrong with this limit's value, or "". None means that the tool has no limit of its own."""
    kind = LIMITS[name]
    if value is None or (type(value) is int and value >= kind.least):
        return ""
    return f"{name}={value!r} must be a whole number of {kind.unit}s, {kind.least} or more"
