"""All that one run may take."""

from dataclasses import dataclass

from gptstore.catalog.models import Tool
from gptstore.env import Environment
from worker.hosts.limit_sentence import LOG_LINES, MEGA, MODEL_TOKENS, OUTPUT, SECONDS, Limit


@dataclass(frozen=True)
class Limits:
    """output: in bytes. own_memory: what the tool itself says, in bytes; the rest of that limit is its host's."""

    seconds: Limit
    output: Limit
    model_tokens: Limit
    log_lines: Limit
    own_memory: int | None


def limits_of(tool: Tool, env: Environment) -> Limits:
    own = tool.limits.get
    megabytes = own("max_memory_mb")
    return Limits(
        seconds=Limit(SECONDS, tool.max_seconds, env.job_max_seconds),
        output=Limit(OUTPUT, own("max_output_bytes"), env.tool_output_mb * MEGA),
        model_tokens=Limit(MODEL_TOKENS, own("max_model_tokens"), env.tool_model_tokens),
        log_lines=Limit(LOG_LINES, own("max_log_lines"), env.tool_log_lines),
        own_memory=None if megabytes is None else megabytes * MEGA,
    )
