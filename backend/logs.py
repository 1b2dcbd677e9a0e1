"""Structured logs: one JSON object a line on standard error, without personal data.

Our own events name codes, routes and numbers, never what a person typed. Events of libraries may
quote it: they lose their arguments and their traceback, and only their place is kept.
"""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor

# What an event of ours may say. Anything else is dropped, so that a careless call cannot leak.
KNOWN = frozenset(
    {
        "event", "level", "timestamp", "request", "method", "route", "status", "ms", "number",
        "error", "where", "reason", "folder", "count", "code", "regime", "version", "logger",
    }
)  # fmt: skip


def configure(level: str) -> None:
    """JSON lines from `level` on, for our events; libraries speak from WARNING on."""
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _known_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                _without_arguments,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _known_only,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=before,
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _known_only(_logger: object, _name: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if name in KNOWN}


def _without_arguments(_logger: object, _name: str, event: EventDict) -> EventDict:
    """The template of a library's message, its logger and the kind of its error: no argument."""
    record: logging.LogRecord = event["_record"]
    arguments = event.get("positional_args")
    if record.name.startswith("quittance."):
        # Ours: its arguments are codes and places.
        event["event"] = event["event"] % arguments if arguments else event["event"]
    elif not arguments:
        # A message made before it was logged (an f-string) has no template: its place will do.
        event["event"] = record.name
    event["logger"] = record.name
    event["where"] = f"{record.filename}:{record.lineno}"
    raised = event.get("exc_info")
    if isinstance(raised, tuple) and raised[0] is not None:
        event["error"] = raised[0].__name__
    return event
