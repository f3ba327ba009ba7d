"""Database outages: the errors that mean one, and one line about it in the log.

`handler500` (gptstore.web.views) gives the response: Django calls it for every exception, of views and of any
middleware, sync and async, while a middleware of ours would not see those that the others raise.
"""

import logging

import structlog
from django.db import InterfaceError, OperationalError

log = structlog.get_logger(__name__)

AWAY = (OperationalError, InterfaceError)
RETRY_SECONDS = 5


def say_away(what: str, error: BaseException, **where: str) -> None:
    log.warning(f"{what}_away", error=" ".join(str(error).split()), **where)


class BriefOutages(logging.Filter):
    """Filters `django.request`, which would log a traceback for each request, and each 503 given on purpose."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, AWAY):
            return error is not None or getattr(record, "status_code", None) != 503
        say_away("database", error, path=record.request.path)  # type: ignore[attr-defined]
        return False
