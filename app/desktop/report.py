"""What is known of an unexpected error, as lines that name no patient; and which version of the program this is."""

from __future__ import annotations

import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion

from app.clock import london_text
from app.logs import describe_error, redacted
from app.ui.frame_model import PRODUCT


def program_version() -> str:
    """The version that is installed."""
    try:
        return version("scr-bulk")
    except PackageNotFoundError:
        return "not installed"


def report_of(error: BaseException, at: datetime, spine_label: str) -> str:
    """The report of an error, without names, numbers and the error's own text."""
    lines = [
        f"{PRODUCT}, version {program_version()}",
        f"When: {london_text(at)}",
        f"Spine: {spine_label}",
        f"System: {platform.system()} {platform.release()}, Python {platform.python_version()}, Qt {qVersion()}",
        *describe_error(error),
    ]
    return redacted("\n".join(lines)) + "\n"
