"""Logs: one JSON object per line on standard output, times in UTC; answers, tokens and paths are never among the fields."""

from __future__ import annotations

import logging
import sys

import structlog

SHARED: list[structlog.typing.Processor] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def set_up(level: str) -> None:
    """Sends our own log and that of the libraries through the same formatter. The server's own access log is off: it holds paths."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _StandardOutput) for handler in root.handlers):
        root.addHandler(_StandardOutput())
    for handler in root.handlers:
        if isinstance(handler, _StandardOutput):
            handler.setFormatter(formatter)
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("uvicorn.error", "alembic", "fontTools", "httpx2"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


class _StandardOutput(logging.Handler):
    """Writes to what is standard output at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line; a full disk or a closed pipe never stops a request."""
        try:
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            pass
