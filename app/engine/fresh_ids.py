"""New ids for messages: random UUIDs (version 4), as the Spine wants them."""

from __future__ import annotations

import os
import threading
import uuid

_ID_BYTES = 16
_FETCHED = 256
"""Ids' worth of random bytes taken from the system at once. Each fetch lets other threads run first, and at full speed
it takes milliseconds until they let go again."""


class _RandomBytes(threading.local):
    """What is left of the system's random bytes; each thread has its own."""

    left = b""

    def take(self) -> bytes:
        if not self.left:
            self.left = os.urandom(_ID_BYTES * _FETCHED)
        taken, self.left = self.left[:_ID_BYTES], self.left[_ID_BYTES:]
        return taken


_random = _RandomBytes()


def fresh_id() -> str:
    """An id that no other message has."""
    return str(uuid.UUID(bytes=_random.take(), version=4))
