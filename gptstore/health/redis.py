"""Whether Redis answers, and whether what it holds outlives a restart and a full memory."""

from typing import Any

from redis import RedisError

from gptstore.health.finding import Finding, fail, in_a_sentence, ok, warn
from gptstore.jobs.redis import sync_client


def check_redis() -> Finding:
    try:
        sync_client().ping()
    except RedisError as error:
        return fail("redis", f"It does not answer: {in_a_sentence(error)}", "Start it, or correct GPTSTORE_REDIS_URL.")
    return ok("redis", "It answers.")


def check_persistence() -> Finding:
    if told("persistence").get("aof_enabled") == 1:
        return ok("persistence", "Redis keeps an append-only file.")
    return warn(
        "persistence",
        "Redis has no append-only file: a restart loses the text of runs that people are reading.",
        "Start it with `--appendonly yes`.",
    )


def check_eviction() -> Finding:
    policy = told("memory").get("maxmemory_policy")
    if policy == "noeviction":
        return ok("eviction", "Redis throws nothing away.")
    said = f"Redis may throw away messages and events when its memory is full ({policy})."
    return warn("eviction", said, "Start it with `--maxmemory-policy noeviction`.")


def told(section: str) -> dict[str, Any]:
    """What Redis says about itself; INFO is open where CONFIG is closed, as at many hosts."""
    answer: dict[str, Any] = sync_client().info(section)
    return answer
