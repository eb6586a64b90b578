"""A spreadsheet must never run what stands in a cell: text that looks like a formula travels behind an apostrophe.

Guarding and unguarding undo each other for every text, so a guarded file can be imported again without a trace.
"""

from __future__ import annotations

import re

_FORMULA_STARTS = "=+-@\t\r"
_LOOKS_LIKE_FORMULA = re.compile(f"'*[{re.escape(_FORMULA_STARTS)}]")
_WORTH_A_LOOK = frozenset("'" + _FORMULA_STARTS)


def guarded(text: str) -> str:
    """The text as it may stand in a file: one apostrophe before anything a spreadsheet could take for a formula.

    Text that already begins with apostrophes before such a sign gets one more, so that `unguarded` is exact.
    """
    if text and text[0] in _WORTH_A_LOOK and _LOOKS_LIKE_FORMULA.match(text):
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """The text without the apostrophe that `guarded` put before it; any other apostrophe stays."""
    if text.startswith("'") and _LOOKS_LIKE_FORMULA.match(text):
        return text[1:]
    return text
