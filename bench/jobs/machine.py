"""The machine behind the figures."""

import platform
import sqlite3
from importlib.metadata import version
from typing import Any

from bench.common.machine import begun_at, commit, describe_processor, load

PACKAGES = ("celery", "django", "kombu", "psycopg", "redis", "uvicorn")


def describe_machine() -> dict[str, Any]:
    return {
        "begun_at": begun_at(),
        "commit": commit(),
        **describe_processor(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in PACKAGES},
        "load_before": load(),
    }
