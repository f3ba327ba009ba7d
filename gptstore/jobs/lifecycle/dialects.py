"""SQL that the statements of this package share: the database's clock, and which jobs wait.

A `%` is written twice, as in every statement with parameters.
"""

from datetime import timedelta

from django.db import connection

_NOW = {"postgresql": "statement_timestamp()", "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"}
_LATER = {
    "postgresql": "statement_timestamp() + interval '{seconds} seconds'",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+{seconds} seconds')",
}
_LOCKED = {"postgresql": "FOR UPDATE SKIP LOCKED", "sqlite": ""}


def now() -> str:
    return _NOW[connection.vendor]


def later(by: timedelta) -> str:
    return _LATER[connection.vendor].format(seconds=by.seconds)


def locked() -> str:
    """Return the end of a select whose rows no other transaction may take meanwhile."""
    return _LOCKED[connection.vendor]


def waits() -> str:
    """Return the condition of a job that waits for its turn: `gptstore.jobs.models.WAITS`, by the database's clock."""
    return f"status = 'queued' AND (cancel_after IS NULL OR cancel_after > {now()})"
