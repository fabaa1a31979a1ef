"""Logs: one JSON object per line on standard output, times in UTC; answers, tokens and paths are never among the fields."""

from __future__ import annotations

import logging
import sys

import structlog

SHARED: list[structlog.typing.Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
AS_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)


def set_up(level: str) -> None:
    """Our own lines go straight to standard output; those of the libraries get the same form. The server's own access log is off: it holds paths."""
    structlog.configure(
        processors=[*SHARED, AS_JSON],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=lambda *_: _Output(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _LibraryHandler) for handler in root.handlers):
        root.addHandler(_LibraryHandler())
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("uvicorn.error", "alembic", "fontTools", "httpx2"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


class _Output:
    """Writes to what is standard output at that moment; a full disk or a closed pipe never stops a request."""

    def msg(self, line: str) -> None:
        """Writes one line."""
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            pass

    debug = info = warning = error = critical = msg


class _LibraryHandler(logging.Handler):
    """Gives the records of libraries the form of our own."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=SHARED,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    AS_JSON,
                ],
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record."""
        _Output().msg(self.format(record))
