"""How long a failing database is borne: no longer than an answer in hand is worth (faults page, rows 24 to 26)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.domain.errors import StorageBusy, StorageFault

_log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 1.0


class Patience:
    """Used by the loop's thread alone; `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: float | None = None
        self._again_at = 0.0

    @property
    def is_strained(self) -> bool:
        """Whether the database failed when it was last asked."""
        return self._since is not None

    @property
    def is_resting(self) -> bool:
        """Whether the database is to be left alone for the moment."""
        return self._since is not None and self._monotonic() < self._again_at

    def bear(self, fault: StorageFault, *, answer_at_stake: bool) -> None:
        """Rest a while after this fault, or raise it when waiting longer is worth nothing.

        A disk that is full, gone or read-only is so for good: only a busy database is waited for. `answer_at_stake`
        says that an answer to a send is in hand or on its way: unwritten, it would be unknown.
        """
        now = self._monotonic()
        self._since = now if self._since is None else self._since
        passes = isinstance(fault, StorageBusy) and now - self._since < PATIENCE_SECONDS
        if not answer_at_stake or not passes:
            raise fault
        _log.warning("The database is busy; an answer is at stake, so it is tried again.")
        self._again_at = now + _PAUSE_SECONDS

    def relieve(self) -> None:
        """The database works."""
        self._since = None
