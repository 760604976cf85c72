"""Log lines for machines (JSON) or people (console), on standard error, one write a line.

Nothing that is logged holds article text or a secret: callers log ids, offsets, reasons and sizes, and of an
exception only its type and where it was raised come out, since its message may quote what it choked on.
Libraries that use the standard ``logging`` come out in the same format; kafka-python from warning up.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import ExcInfo

from workers.settings import Settings

_MAX_FRAMES = -20


def _describe_exception(exc_info: ExcInfo) -> str:
    """Where it was raised and its type, without its message."""
    raised_at = "".join(traceback.format_tb(exc_info[2], _MAX_FRAMES))
    return f"{raised_at}{exc_info[0].__name__}"


def configure_logging(settings: Settings, **context: str) -> None:
    """Set up logging for this process; ``context`` (``process="worker-0"``) goes on every line."""

    def add_context(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        # Not structlog's context variables: those do not reach the other threads of the process.
        for name, value in context.items():
            event.setdefault(name, value)
        return event

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.ExceptionRenderer(_describe_exception),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
    ]
    last: list[Any] = (
        [structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    logging.getLogger("kafka").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
