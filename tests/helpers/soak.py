"""The sizes of the suites: small with every commit, long when `packaging/dev.py soak` asks for it; and their dice."""

from __future__ import annotations

import os
import random
import sys

SOAK = os.environ.get("SCR_BULK_SOAK") == "1"
"""Whether the long sizes are wanted."""


def size(every_commit: int, soak: int) -> int:
    """How many cases to try."""
    return soak if SOAK else every_commit


def dice(name: str) -> random.Random:
    """New dice. The seed is printed with a failure; with `SCR_BULK_SEED` the same is thrown again."""
    seed = int(os.environ.get("SCR_BULK_SEED") or random.SystemRandom().randrange(1_000_000))
    sys.stdout.write(f"{name}: SCR_BULK_SEED={seed}\n")
    return random.Random(seed)
