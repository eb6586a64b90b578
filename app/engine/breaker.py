"""The circuit breaker: in an outage the execution waits and probes, and no patient fails because of it.

Faults page, row 8: three connections in a row that could not be made, or five different patients in a row without
an answer that could be understood, open the circuit; a probe after 5, 15 and 60 seconds, then every five minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from app.domain.states import StopReason

CONNECTION_LIMIT = 3
PATIENT_LIMIT = 5
PROBE_DELAYS = (5.0, 15.0, 60.0, 300.0)


class Circuit(Enum):
    """Closed: work goes on. Open: nothing is sent until the probe is due. Probing: one exchange decides."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Breaker:
    """Counts failures in a row across patients. Used by one thread; times in seconds of `monotonic`."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._no_connection = 0
        self._not_understood: dict[int, None] = {}
        self._probes = 0
        self._probe_at = 0.0
        self._opened_at = 0.0
        self._turned_away_since: float | None = None
        self.circuit = Circuit.CLOSED
        self.outage = StopReason.SPINE_UNAVAILABLE
        """What the latest outage looked like: no connection, or no usable answers; told to staff."""

    def understood(self) -> bool:
        """An answer was understood; whether this ended an outage."""
        was_out = self.circuit is not Circuit.CLOSED
        self._no_connection = 0
        self._not_understood.clear()
        self._probes = 0
        self._turned_away_since = None
        self.circuit = Circuit.CLOSED
        return was_out

    def turned_away(self) -> None:
        """The gateway refused a request as too fast: no outage, but nobody was answered by it either."""
        if self._turned_away_since is None:
            self._turned_away_since = self._monotonic()

    def failed(self, patient_id: int, *, connected: bool) -> bool:
        """An exchange for this patient brought nothing understood; whether this opened the circuit just now."""
        if connected:
            self._no_connection = 0
        else:
            self._no_connection += 1
        self._not_understood[patient_id] = None
        if self.circuit is Circuit.PROBING:
            self._wait_for_probe()
            return False
        tripped = self._no_connection >= CONNECTION_LIMIT or len(self._not_understood) >= PATIENT_LIMIT
        if self.circuit is Circuit.OPEN or not tripped:
            return False
        connected = self._no_connection < CONNECTION_LIMIT
        self.outage = StopReason.SPINE_UNAVAILABLE if connected else StopReason.NO_CONNECTION
        self._opened_at = self._monotonic()
        self._wait_for_probe()
        return True

    def may_probe(self) -> bool:
        """Whether the time for one probing exchange has come."""
        return self.circuit is Circuit.OPEN and self._monotonic() >= self._probe_at

    def begin_probe(self) -> None:
        """One exchange goes out to see."""
        self.circuit = Circuit.PROBING

    def probe_not_made(self) -> None:
        """The probing exchange never left or told nothing either way: another may be made at once."""
        if self.circuit is Circuit.PROBING:
            self.circuit = Circuit.OPEN

    def seconds_to_probe(self) -> float:
        """Until the next probe may be made."""
        return max(0.0, self._probe_at - self._monotonic())

    def open_for(self) -> float:
        """How long the outage has lasted, in seconds; 0 while the circuit is closed."""
        return 0.0 if self.circuit is Circuit.CLOSED else self._monotonic() - self._opened_at

    def unanswered_for(self) -> float:
        """How long nobody has been answered, in seconds: in an outage, or because everybody is turned away."""
        turned_away = 0.0 if self._turned_away_since is None else self._monotonic() - self._turned_away_since
        return max(self.open_for(), turned_away)

    @property
    def why_unanswered(self) -> StopReason:
        """What to pause for when that has lasted too long."""
        return StopReason.SPINE_UNAVAILABLE if self.circuit is Circuit.CLOSED else self.outage

    def _wait_for_probe(self) -> None:
        delay = PROBE_DELAYS[min(self._probes, len(PROBE_DELAYS) - 1)]
        self._probes += 1
        self._probe_at = self._monotonic() + delay
        self.circuit = Circuit.OPEN
