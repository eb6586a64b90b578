"""The program's log: JSON lines in a rotating file, with everything that could name a patient taken out.

No module sets up logging but this one. A handler added elsewhere would not be redacted: add it here.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

LOG_FILE = "scr-bulk.log"
_MAX_BYTES = 2_000_000
_KEPT_FILES = 5
_MAX_MESSAGE = 2_000

_LONG_DIGITS = re.compile(r"(?<!\d)\d(?:[\s\-%+]?\d){9,}(?!\d)")
_BEARER = re.compile(r"(?i)(bearer|access_token|refresh_token|passcode|client_secret)([\"'\s:=]+)[^\s\"',;&]+")
_NOISY = ("urllib3", "requests", "apscheduler", "sqlalchemy", "alembic", "filelock", "aiohttp", "asyncio", "wakepy")


def redacted(text: str) -> str:
    """The text without NHS numbers (any run of ten or more digits), tokens and passcodes."""
    return _BEARER.sub(r"\1\2[removed]", _LONG_DIGITS.sub("[number removed]", text))


class RedactingFormatter(logging.Formatter):
    """One record as one JSON line. Tracebacks keep files, lines and classes; of foreign errors not even the text."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; control characters are escaped by it, so that nobody can forge a line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "thread": record.threadName,
            "message": redacted(record.getMessage())[:_MAX_MESSAGE],
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


def describe_error(error: BaseException) -> list[str]:
    """Where an error came from, without its text: an exception of a library may carry addresses and parameters."""
    described = []
    current: BaseException | None = error
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)
        places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        described.append(f"{type(current).__name__} at {' > '.join(places) or 'unknown place'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return described


def set_up_logging(data_dir: Path) -> None:
    """Write the log into the data folder; a folder that cannot be written costs the log and nothing else."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, RedactingFormatter)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.INFO)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A log that cannot be written must never stop a run or print what it failed to write.
    logging.raiseExceptions = False
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _add(
            root,
            logging.handlers.RotatingFileHandler(
                data_dir / LOG_FILE, maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
            ),
        )
    except OSError:
        _add(root, logging.StreamHandler())


def _add(root: logging.Logger, handler: logging.Handler) -> None:
    handler.setFormatter(RedactingFormatter())
    root.addHandler(handler)
