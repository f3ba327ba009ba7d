"""Whether the database answers, and has the tables of this release."""

from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from gptstore.health.finding import Finding, fail, in_a_sentence, ok
from gptstore.jobs.workers import alive
from gptstore.outage import AWAY

MIGRATE = "Run `manage.py migrate`."


def check_database() -> Finding:
    """One short query, so that `/readyz` may ask it often."""
    if is_missing_file():
        return fail("database", f"There is no file {connection.settings_dict['NAME']}.", MIGRATE)
    try:
        connection.ensure_connection()
    except AWAY as error:
        said = f"{connection.display_name} does not answer: {in_a_sentence(error)}"
        return fail("database", said, "Start it, or correct GPTSTORE_DATABASE_URL.")
    try:
        alive().exists()
    except (DatabaseError, InterfaceError) as error:
        return fail("database", f"It answers, but not as it should: {in_a_sentence(error)}", MIGRATE)
    return ok("database", f"{connection.display_name} answers.")


def is_missing_file() -> bool:
    """SQLite would make an empty one."""
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and "memory" not in name and not Path(name).exists()


def check_migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        return fail("migrations", f"{len(missing)} are not applied: {', '.join(missing)}.", MIGRATE)
    return ok("migrations", "All are applied.")
