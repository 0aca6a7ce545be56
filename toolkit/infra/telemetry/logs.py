"""Logs as JSON lines on standard error: one line an event, with what it is about.

A line has names of messages and never what they carry: of what a caller adds, only the
names below pass, and every text is redacted.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import Processor

from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.redaction import redacted

Line = MutableMapping[str, Any]

OUR_NAMES = frozenset({"correlation_id", "message_id", "message_type", "trace_id"})
CHATTY = ("httpx", "httpx2", "stripe", "opentelemetry.exporter")


def configure(service: str, level: str, stream: TextIO | None = None) -> None:
    """Write what this process logs, whoever logs it, as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def formatter(service: str) -> logging.Formatter:
    """Make a line of a record: the moment, the level, the service, the event."""

    def say_who(_: object, __: str, line: Line) -> Line:
        return {"service": service, **line}

    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        ExtraAdder(allow=OUR_NAMES),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        say_who,
    ]
    return ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
    )


def _redact(_: object, __: str, line: Line) -> Line:
    """Redact every text but our own names, whose digits are of nobody's card."""
    return {
        name: redacted(str(value)) if name not in OUR_NAMES else str(value)
        for name, value in line.items()
    }


class Counting(logging.Handler):
    """Counts warnings and worse, so that a rise of them can be seen and alerted on."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.WARNING)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        self._metrics.log_lines.labels(record.levelname.lower()).inc()
