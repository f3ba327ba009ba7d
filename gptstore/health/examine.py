"""Every check of the doctor, in the order in which a fault causes the next."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError, InterfaceError
from redis import RedisError

from gptstore.health.database import check_database, check_migrations
from gptstore.health.finding import Finding, fail, in_a_sentence, warn
from gptstore.health.queue import check_queued, check_running
from gptstore.health.redis import check_eviction, check_persistence, check_redis
from gptstore.health.sandbox import check_sandbox
from gptstore.health.settings import check_debug, check_https, check_secret_key
from gptstore.health.workers import check_messages, check_workers

Check = Callable[[], Finding]

SETTINGS: list[Check] = [check_secret_key, check_debug, check_https]
IN_DATABASE: dict[str, Check] = {"migrations": check_migrations, "workers": check_workers, "sandbox": check_sandbox}
IN_REDIS: dict[str, Check] = {"persistence": check_persistence, "eviction": check_eviction}
IN_BOTH: dict[str, Check] = {"messages": check_messages}
JOBS: dict[str, Check] = {"queued": check_queued, "running": check_running}


def examine() -> Iterator[Finding]:
    """One finding for each check. What needs a service that is away is a warning, not a failure of its own."""
    yield from (check() for check in SETTINGS)
    database, redis = check_database(), check_redis()
    yield database
    yield from look(IN_DATABASE, database)
    yield redis
    yield from look(IN_REDIS, redis)
    yield from look(IN_BOTH, database, redis)
    yield from look(JOBS, database)


def look(checks: dict[str, Check], *needed: Finding) -> Iterator[Finding]:
    missing = next((finding.name for finding in needed if not finding.ok), None)
    for name, check in checks.items():
        if missing:
            yield warn(name, "Not known.", f"See what `{missing}` says above.")
        else:
            yield keep_to_findings(name, check)


def keep_to_findings(name: str, check: Check) -> Finding:
    try:
        return check()
    except (DatabaseError, InterfaceError, RedisError) as error:
        return fail(name, f"It could not be found out: {in_a_sentence(error)}", "Run the doctor again.")
