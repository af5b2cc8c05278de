"""structlog owns logging: one line an outcome, JSON for machines, words for a console; ids bound once a task."""

from __future__ import annotations

import logging
import logging.config
import sys
from typing import Any

import structlog

from worker.settings import Log

Logger = structlog.stdlib.BoundLogger


def configure(log: Log, *, stream: Any = None) -> None:
    """Send our and foreign records through one formatter to `stream` (stderr when None)."""
    stream = stream if stream is not None else sys.stderr
    json = log.format == "json" or (log.format == "auto" and not stream.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if json
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "copydesk": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "copydesk", "stream": stream}},
            "root": {"handlers": ["out"], "level": log.level.upper()},
            "loggers": {
                # Celery's own chatter repeats what our events say better.
                "celery.app.trace": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.beat": {"level": "WARNING"},
                "kombu": {"level": "WARNING"},
                "trafilatura": {"level": "CRITICAL"},
                "htmldate": {"level": "CRITICAL"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get(name: str) -> Logger:
    """The logger of a room."""
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger


def bind(**facts: Any) -> None:
    """Bind facts to every record of this task until `clear`."""
    structlog.contextvars.bind_contextvars(**facts)


def clear() -> None:
    structlog.contextvars.clear_contextvars()
