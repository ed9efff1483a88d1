"""Log lines: structured, for people at a terminal or as JSON. Never personal data: ids, counts and codes only."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(log_format: str) -> None:
    """Set structlog up once, at start. Lines go to standard error, so that standard output stays data."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
