"""
Write the log: one JSON object a line on stderr, and nothing in it that is not known to be harmless.

Keys go by an allow-list: a field that nobody thought about is shown as redacted rather than as
somebody's token. The same holds for the messages of exceptions, which may quote what they met
(a `KeyError` does). Messages themselves are constants in our code; libraries log as they do, at
warning and above.
"""

import logging
import logging.config
import sys
import traceback
from collections.abc import Iterator
from typing import Any, Final, Literal

import orjson
import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger


Level = Literal["debug", "info", "warning", "error"]

REDACTED: Final = "[redacted]"

FIRST_KEYS: Final = ("at", "level", "logger", "event")
ALLOWED_KEYS: Final = frozenset(
    {
        *FIRST_KEYS,
        "exception",
        "app",
        "campaign_id",
        "count",
        "error",
        "fold",
        "folds",
        "found",
        "host",
        "instance_id",
        "member",
        "offset",
        "partition",
        "port",
        "positions",
        "reason",
        "records",
        "rows",
        "seconds",
        "semantics_version",
        "task",
        "tasks",
        "tenant",
        "topic",
        "version",
        "wanted",
    }
)
"""What a line may say. No key for a customer, a card, an event, a payload or a secret."""

OURS: Final = frozenset({"agents", "cli", "lifecycle", "schemas", "streams"})
ALLOWED_ERRORS: Final = OURS | {"aiokafka", "confluent_kafka", "ssl"}
"""Packages whose exceptions speak of brokers, topics and settings, never of records."""

LIBRARIES: Final = ("aiohttp", "aiokafka", "asyncio", "faust", "mode")
"""At info these tell about themselves; only their warnings are ours to read."""


def configure_logs(level: Level) -> None:
    """Send our log and that of every library to stderr; to call it again changes the level."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_named(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # loggers are made while modules are imported
    )
    logging.config.dictConfig(logging_configuration(level))


def logging_configuration(level: Level) -> dict[str, Any]:
    """
    Return the same for `logging.config.dictConfig`, which Faust's worker calls with its own.

    It writes to the process's own stderr, whatever `sys.stderr` has been replaced by: Faust's
    worker redirects that one into the log.
    """
    library_level = "DEBUG" if level == "debug" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _named(),
                "processors": _rendered(),
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": sys.__stderr__,
                "formatter": "json",
            }
        },
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {name: {"level": library_level} for name in LIBRARIES},
    }


def exception_text(error: BaseException) -> str:
    """Return where and why it failed, causes first, without what a message might quote."""
    return "".join(_exception_lines(error)).rstrip("\n")


def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Keep the keys that are allowed; show that there was another, and not its value."""
    kept = {key: value if key in ALLOWED_KEYS else REDACTED for key, value in line.items()}
    return {**{key: kept[key] for key in FIRST_KEYS if key in kept}, **kept}


def _named() -> list[Processor]:
    """Return what gives a line its level, name and time."""
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]


def _rendered() -> list[Processor]:
    """Return what makes a line of it."""
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.ExceptionRenderer(_render_exception),
        redact,
        structlog.processors.JSONRenderer(serializer=_printed),
    ]


def _render_exception(exc_info: ExcInfo) -> str:
    return exception_text(exc_info[1])


def _printed(line: EventDict, **_: Any) -> str:  # noqa: ANN401 (whatever structlog passes on)
    """Return one line of JSON; a value that is no JSON is shown as the name of its type."""
    return orjson.dumps(
        line, default=lambda value: type(value).__name__, option=orjson.OPT_NON_STR_KEYS
    ).decode()


def _exception_lines(error: BaseException) -> Iterator[str]:
    """Yield the lines of a traceback, as Python prints it, harmless messages only."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _exception_lines(before)
        yield "then\n"
    yield from traceback.format_tb(error.__traceback__)
    package = type(error).__module__.partition(".")[0]
    harmless = package in ALLOWED_ERRORS or isinstance(error, OSError)
    name = (
        type(error).__qualname__ if package == "builtins" else f"{package}.{type(error).__name__}"
    )
    yield f"{name}: {str(error) if harmless else REDACTED}\n"
