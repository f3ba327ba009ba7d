"""The database of the test run, for processes that share it. Needs Django's settings."""

import os

from django.db import connection


def database_of_tests() -> str:
    """Return its URL, as in GPTSTORE_DATABASE_URL."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    server, _slash, _name = os.environ["GPTSTORE_DATABASE_URL"].rpartition("/")
    return f"{server}/{name}"
