"""Whether this computer's clock is right, as far as the real services tell by the Date of their answers.

Consent that is dated after today does not count yet: on a computer whose clock is behind, a refusal of last week would
not be seen. A simulated service is not asked: the program's clock follows that one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock, london_text
from app.domain.errors import Refused
from app.spine.exchange import Reply

TOLERANCE = timedelta(hours=1)
"""A clock that is a few minutes out changes nobody's consent."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a service said the time was, and what both clocks of this computer said then."""

    told: datetime
    wall: datetime
    steady: float


class PeerClock:
    """Hears every reply; may be asked from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: _Heard | None = None

    def hear(self, reply: Reply, _: float) -> None:
        """Keep the time this reply tells, if it tells one and is no simulation's."""
        told = None if reply.simulated else reply.date
        if told is not None:
            with self._lock:
                self._heard = _Heard(told, self._clock.now(), self._clock.monotonic())

    def require_agreement(self) -> None:
        """Raise `Refused` where this computer's clock is further from the services' than is tolerated."""
        with self._lock:
            heard = self._heard
        if heard is None:
            return
        now = self._clock.now()
        expected = heard.told + timedelta(seconds=self._clock.monotonic() - heard.steady)
        # Set right since, only the second agrees; after a sleep, in which the steady clock may stand, only the first.
        if min(abs(heard.told - heard.wall), abs(expected - now)) > TOLERANCE:
            raise Refused(
                f"This computer's clock says {london_text(now)}, and the service says {london_text(expected)}. With a "
                "wrong date preferences would be left out or counted too early. Have the clock set right, then try "
                "again."
            )
