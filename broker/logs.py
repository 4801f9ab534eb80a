"""Structured logs on standard error: one event a line, and never a secret.

Two walls: values under a name that could be a secret are covered, and text that looks like one of our tokens or like a
password's hash is covered wherever it stands.  Exceptions are written as type and place, without local values.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor

COVERED: Final = "•••"
_SECRET_NAMES: Final = re.compile(
    r"password|passwd|secret|token|cookie|authorization|totp|credential|otp|server_part|\bkey\b", re.I
)
_SECRET_TEXT: Final = re.compile(
    r"\$argon2id\$\S+"  # a password's hash
    r"|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"  # our tokens; a SHA-256 is covered with them
    r"|(?<=[?&#]token=)[^\s&\"']+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password of a database's URL
)


def configure(level: str, as_json: bool) -> None:
    """Set up logging for this process; libraries' records take the same way."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        cover_secrets,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, cover_secrets, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These write what was sent to them: addresses with their query, SQL with its values.
    for name in ("uvicorn.access", "sqlalchemy.engine", "aiosqlite", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def cover_secrets(_logger: Any, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    """The event with everything covered that is, or looks like, a secret."""
    event.pop("color_message", None)  # uvicorn's second copy of its sentence
    return {name: COVERED if _SECRET_NAMES.search(name) else _covered(value) for name, value in event.items()}


def _covered(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXT.sub(COVERED, value)
    if isinstance(value, dict):
        return {k: COVERED if isinstance(k, str) and _SECRET_NAMES.search(k) else _covered(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_covered(item) for item in value]
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    return value if value is None or isinstance(value, bool | int | float) else _SECRET_TEXT.sub(COVERED, str(value))
