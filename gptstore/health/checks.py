"""The checks of the settings, the database and Redis, and their findings. `/readyz` and the doctor use them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.utils import timezone
from redis import RedisError

from gptstore.health.secret import STAND_IN
from gptstore.jobs.models import WAITS, Job, Status
from gptstore.jobs.redis import sync_client
from gptstore.jobs.workers import alive
from gptstore.outage import AWAY

Level = Literal["ok", "warn", "fail"]
MIN_KEY_LENGTH = 50
LOCAL = {"localhost", "127.0.0.1", "[::1]"}
MAKE_KEY = '`python -c "import secrets; print(secrets.token_urlsafe(50))"`'
MIGRATE = "Run `manage.py migrate`."


@dataclass(frozen=True)
class Finding:
    """The result of one check. `remedy` names what to do; a finding that is ok has none."""

    name: str
    level: Level
    message: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        return self.level == "ok"


def in_a_sentence(error: BaseException) -> str:
    """Return the first line of the error's message; hints may follow in later ones."""
    return str(error).strip().partition("\n")[0].rstrip(".") + "."


def ok(name: str, message: str) -> Finding:
    return Finding(name, "ok", message)


def warn(name: str, message: str, remedy: str) -> Finding:
    return Finding(name, "warn", message, remedy)


def fail(name: str, message: str, remedy: str) -> Finding:
    return Finding(name, "fail", message, remedy)


def check_secret_key() -> Finding:
    key = settings.SECRET_KEY
    if key == STAND_IN:
        return fail("secret key", "GPTSTORE_SECRET_KEY is not set.", f"Set it to what {MAKE_KEY} prints.")
    if len(key) < MIN_KEY_LENGTH:
        message = f"GPTSTORE_SECRET_KEY has {len(key)} characters."
        return warn("secret key", message, f"Set it to what {MAKE_KEY} prints; everybody signs in again.")
    return ok("secret key", "It is long enough.")


def check_debug() -> Finding:
    if settings.DEBUG:
        return warn("debug", "Error pages show the code and the settings.", "Unset GPTSTORE_DEBUG.")
    return ok("debug", "It is off.")


def check_https() -> Finding:
    hosts = [host for host in settings.ALLOWED_HOSTS if host not in LOCAL]
    if settings.ENV.https:
        return ok("https", "It is on.")
    if not hosts:
        return ok("https", "It is off, and the site answers to this machine's own names only.")
    return warn(
        "https", f"It is off, and the site answers to {', '.join(hosts)}.", "Set GPTSTORE_HTTPS=true behind a proxy."
    )


def check_database() -> Finding:
    """Check with one short query, so that `/readyz` may ask it often."""
    if is_missing_file():
        return fail("database", f"There is no file {connection.settings_dict['NAME']}.", MIGRATE)
    try:
        connection.ensure_connection()
    except AWAY as error:
        message = f"{connection.display_name} does not answer: {in_a_sentence(error)}"
        return fail("database", message, "Start it, or correct GPTSTORE_DATABASE_URL.")
    try:
        alive().exists()
    except (DatabaseError, InterfaceError) as error:
        return fail("database", f"It answers, but not as it should: {in_a_sentence(error)}", MIGRATE)
    return ok("database", f"{connection.display_name} answers.")


def is_missing_file() -> bool:
    """Return whether a SQLite file is missing: SQLite would make an empty one."""
    name = str(connection.settings_dict["NAME"])
    is_in_memory = name == ":memory:" or "mode=memory" in name
    return connection.vendor == "sqlite" and not is_in_memory and not Path(name).exists()


def check_migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        return fail("migrations", f"{len(missing)} are not applied: {', '.join(missing)}.", MIGRATE)
    return ok("migrations", "All are applied.")


def check_redis() -> Finding:
    try:
        sync_client().ping()
    except RedisError as error:
        return fail("redis", f"It does not answer: {in_a_sentence(error)}", "Start it, or correct GPTSTORE_REDIS_URL.")
    return ok("redis", "It answers.")


def check_persistence() -> Finding:
    if redis_info("persistence").get("aof_enabled") == 1:
        return ok("persistence", "Redis keeps an append-only file.")
    return warn(
        "persistence",
        "Redis has no append-only file: a restart loses the text of runs that people are reading.",
        "Start it with `--appendonly yes`.",
    )


def check_eviction() -> Finding:
    policy = redis_info("memory").get("maxmemory_policy")
    if policy == "noeviction":
        return ok("eviction", "Redis throws nothing away.")
    message = f"Redis may throw away messages and events when its memory is full ({policy})."
    return warn("eviction", message, "Start it with `--maxmemory-policy noeviction`.")


def redis_info(section: str) -> dict[str, Any]:
    """Return Redis' INFO, which is open where CONFIG is closed, as at many hosts."""
    answer: dict[str, Any] = sync_client().info(section)
    return answer


def oldest_queued_seconds() -> int | None:
    """Return the age of the oldest queued job, None when there is none. One step in an index, however many wait."""
    waiting = Job.objects.filter(WAITS).order_by("created_at")
    return seconds_since(waiting.values_list("created_at", flat=True).first())


def oldest_running_seconds() -> int | None:
    return seconds_since(Job.objects.filter(status=Status.RUNNING).aggregate(oldest=Min("started_at"))["oldest"])


def seconds_since(oldest: datetime | None) -> int | None:
    return None if oldest is None else max(0, int((timezone.now() - oldest).total_seconds()))
