"""The smoothed limiter: evenly spaced requests, slower after the gateway said "too fast", soon back to full pace.

The service allows 5 a second, refuses those that are not even, and says "too fast" by a 429.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

SAFETY = 1.02
"""Requests are spaced a little wider than the limit, so that jitter on the way does not make two of them too close."""

_RECOVERY_SECONDS = 10.0
"""After this long without a 429 the pace is the configured one again."""

_MEASURED_SECONDS = 2.0


class Pace:
    """When the next request may leave. Used by one thread; `monotonic` gives seconds on a clock that never jumps.

    `per_second` of 0 means no limit.
    """

    def __init__(self, per_second: float, monotonic: Callable[[], float]) -> None:
        self._full = per_second
        self._monotonic = monotonic
        self._next_at = monotonic()
        self._slowed_rate: float | None = None
        self._slowed_at = 0.0
        self._recent: deque[float] = deque(maxlen=64)

    @property
    def is_unlimited(self) -> bool:
        """Whether it does not matter when a request leaves."""
        return not self._full and self._slowed_rate is None

    def wait_needed(self) -> float:
        """Seconds until a request may leave; 0 when one may leave now."""
        return max(0.0, self._next_at - self._monotonic())

    def asked_pause(self) -> float:
        """Seconds left of the pause that followed the latest refusal; 0 when there is none."""
        return 0.0 if self._slowed_rate is None else max(0.0, self._slowed_at - self._monotonic())

    def take(self) -> None:
        """Count a request that leaves now."""
        now = self._monotonic()
        self._recent.append(now)
        rate = self._rate(now)
        # From now, not from when it was due: catching up would put two requests too close together.
        self._next_at = now + (SAFETY / rate if rate else 0.0)

    def slow_down(self, retry_after: float | None) -> None:
        """The gateway refused a request as too fast: wait as told and halve the measured pace.

        A refusal during that wait is of a request that had left before: it makes the wait longer, not the pace slower.
        """
        now = self._monotonic()
        if self._slowed_rate is None or now >= self._slowed_at:
            measured, current = self._measured(now), self._rate(now)
            self._slowed_rate = max((min(measured, current) if current else measured) / 2, 0.2)
        pause = retry_after if retry_after is not None else 1.0 / self._slowed_rate
        self._slowed_at = max(self._slowed_at, now + pause)
        self._next_at = max(self._next_at, now + pause)

    def _measured(self, now: float) -> float:
        recent = sum(1 for at in self._recent if now - at <= _MEASURED_SECONDS)
        return max(recent / _MEASURED_SECONDS, 0.4)

    def _rate(self, now: float) -> float:
        """Requests a second allowed now; 0 for no limit. Climbs back evenly after a slow-down."""
        if self._slowed_rate is None:
            return self._full
        quiet = now - self._slowed_at
        if quiet >= _RECOVERY_SECONDS:
            self._slowed_rate = None
            return self._full
        share = max(0.0, quiet) / _RECOVERY_SECONDS
        if not self._full:
            # Towards "no limit" there is no end to climb to: the spacing shrinks instead, evenly to nothing.
            return self._slowed_rate / max(1.0 - share, 0.01)
        return self._slowed_rate + (self._full - self._slowed_rate) * share
