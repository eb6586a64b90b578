"""How the engine tells the log of a fault it did not expect: what and where, never the words.

The text of a foreign exception may hold a patient's data, or an address with the NHS number in it.
"""

from __future__ import annotations

import traceback

_INNERMOST_CALLS = 4


def told_safely(fault: BaseException) -> str:
    """The class of a fault and the calls that led to it, the innermost first."""
    calls = [f"{frame.f_code.co_qualname}:{line}" for frame, line in traceback.walk_tb(fault.__traceback__)]
    return " < ".join([type(fault).__name__, *reversed(calls[-_INNERMOST_CALLS:])])
