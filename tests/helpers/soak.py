"""The sizes of the suites: small with every commit, long when `packaging/dev.py soak` asks for it."""

from __future__ import annotations

import os

SOAK = os.environ.get("SCR_BULK_SOAK") == "1"
"""Whether the long sizes are wanted."""


def size(every_commit: int, soak: int) -> int:
    """How many cases to try."""
    return soak if SOAK else every_commit
