"""Log lines through structlog: the standard library's loggers keep working and get the same format."""

from typing import Any

import structlog

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

EXTRA = structlog.stdlib.ExtraAdder()


def add_extra(logger: Any, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Add the `extra=` of our own modules. Django's `extra` holds whole requests, and stays out."""
    return EXTRA(logger, name, event) if event["_record"].name.startswith("worker.") else event


def logging_config(level: str, style: str) -> dict[str, Any]:
    """Return Django's LOGGING for `style` "console" or "json"; also sets up structlog."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # The default shows local variables, which hold texts of people, and secrets.
    plain = structlog.dev.plain_traceback
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    if style == "json":
        last[1:] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structlog": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": last,
                "foreign_pre_chain": [*SHARED, add_extra],
            }
        },
        "filters": {"brief_outages": {"()": "gptstore.outage.BriefOutages"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.request": {"filters": ["brief_outages"]},
        },
    }
