"""The limits of one run."""

from gptstore.catalog.models import Tool
from gptstore.env import Environment
from gptstore.sdk.limits import LIMITS, LimitKind
from worker.hosts.limit import Limit


def limits_of(tool: Tool, env: Environment) -> dict[LimitKind, Limit]:
    """Return every limit of a run of this tool. That of memory counts what the tool itself takes, without its host."""
    return {
        kind: Limit(
            kind,
            kind.own(tool.limit(kind)),
            kind.ceiling(getattr(env, kind.env_field)),
            by_admin=tool.limit(kind) != tool.authors_limit(kind),
        )
        for kind in LIMITS.values()
    }
