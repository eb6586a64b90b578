"""How long a peer asks to be left alone: the Retry-After header, taken with a grain of salt."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_SECONDS = 600.0
"""A longer wait than ten minutes is not believed (faults page, row 15)."""

_WHOLE_NUMBER = re.compile(r"[0-9]+")


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, at most ten minutes; None when no time to come is named.

    Takes seconds or an HTTP date, which is compared with `now`.
    """
    text = (value or "").strip()
    if _WHOLE_NUMBER.fullmatch(text):
        # Python refuses to read numbers of thousands of digits.
        return min(float(text[:10]), LONGEST_WAIT_SECONDS) if len(text) <= 10 else LONGEST_WAIT_SECONDS
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if instant.tzinfo is None:
        return None
    seconds = (instant - now).total_seconds()
    return min(seconds, LONGEST_WAIT_SECONDS) if seconds > 0 else None
