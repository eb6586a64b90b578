"""The tokens of one card session: when to refresh them, by whom, and when the session is over.

They live in memory only and appear in no representation, error or log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.clock import Clock
from app.domain.errors import SignInUnreachable
from app.domain.session import SESSION_LENGTH
from app.domain.states import StopReason
from app.spine.credentials import SessionOver
from app.spine.identity import TokenAnswer

_REFRESH_AT_SHARE = 0.9
"""Of an access token's life: about 9 minutes of the usual 10."""

_PAUSE_BETWEEN_EARLY_TRIES = 10.0

_ROUNDING_SECONDS = 2.0
"""The service tells whole seconds, and some of the first pass on the way: so much difference says nothing."""


class GrantRefused(Exception):
    """The sign-in service gives no new tokens; `period_over` when it says that the session's time has run out."""

    def __init__(self, *, period_over: bool) -> None:
        super().__init__("the refresh was refused")
        self.period_over = period_over


class Stopwatch:
    """Seconds since it was made, by whichever clock says more: one may be put back, the other stands in a sleep.

    `seconds` have passed already when it is made.
    """

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        self._clock = clock
        self._instant = clock.now() - timedelta(seconds=seconds)
        self._reading = clock.monotonic() - seconds

    def seconds(self) -> float:
        """How long it has been."""
        by_wall = (self._clock.now() - self._instant).total_seconds()
        return max(by_wall, self._clock.monotonic() - self._reading)


@dataclass(frozen=True, slots=True, eq=False)
class _AccessToken:
    text: str = field(repr=False)
    refresh_token: str = field(repr=False)
    seconds: float
    age: Stopwatch

    def is_lapsed(self) -> bool:
        return self.age.seconds() >= self.seconds

    def is_aging(self) -> bool:
        return self.age.seconds() >= self.seconds * _REFRESH_AT_SHARE


class CardTokens:
    """Hands out access tokens to every sender; only one of them at a time has new ones made.

    `refresh` takes a refresh token and when to give up; it raises `GrantRefused`, or `SignInUnreachable`.
    `session_age` counts from before the sign-in was asked for.
    """

    def __init__(
        self,
        answer: TokenAnswer,
        session_age: Stopwatch,
        refresh: Callable[[str, float], TokenAnswer],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._refresh = refresh
        self._session_age = session_age
        self._session_seconds = session_seconds(answer)
        """Counted from the sign-in; the service may shorten it."""
        self._refreshing = threading.Lock()
        self._current = _access_token(answer, session_age)
        self._refused: StopReason | None = None
        self._no_early_try_before = clock.monotonic()

    @property
    def ended(self) -> StopReason | None:
        """Why no token of this session will be accepted any more, None while one may be."""
        if self._refused is not None:
            return self._refused
        return StopReason.CARD_EXPIRED if self.seconds_left() <= 0 else None

    @property
    def length(self) -> float:
        """Seconds that the session lasts, counted from when the sign-in was asked for."""
        return self._session_seconds

    def age(self) -> float:
        """Seconds since the sign-in was asked for."""
        return self._session_age.seconds()

    def seconds_left(self) -> float:
        """What is left of the session, whatever was done to the computer's clock since; not above 0 once it is over."""
        return self._session_seconds - self._session_age.seconds()

    def usable(self, give_up_at: float) -> str:
        """An access token that has not lapsed. Raises `SessionOver`, or `SignInUnreachable` when none can be had."""
        self._require_session()
        token = self._current
        if token.is_lapsed():
            self._renew(token, give_up_at)
        elif token.is_aging():
            self._renew_early(token, give_up_at)
        return self._current.text

    def replace(self, refused: str, give_up_at: float) -> None:
        """The Spine refused this token: have others made, unless that has been done since it was handed out.

        Raises as `usable` does.
        """
        self._require_session()
        token = self._current
        if token.text == refused:
            self._renew(token, give_up_at)

    def _renew(self, stale: _AccessToken, give_up_at: float) -> None:
        """Replace this token, or wait until somebody else has."""
        if not self._refreshing.acquire(timeout=max(0.0, give_up_at - self._clock.monotonic())):
            raise SignInUnreachable("The sign-in service did not answer in time.")
        try:
            self._require_session()
            if self._current is stale:
                self._current = self._made_anew(stale, give_up_at)
        finally:
            self._refreshing.release()

    def _renew_early(self, aging: _AccessToken, give_up_at: float) -> None:
        """Replace this token while it still serves: nobody waits for it, and failing does not matter yet."""
        if not self._refreshing.acquire(blocking=False):
            return
        try:
            if self._current is aging and self._clock.monotonic() >= self._no_early_try_before:
                self._current = self._made_anew(aging, give_up_at)
        except SignInUnreachable:
            self._no_early_try_before = self._clock.monotonic() + _PAUSE_BETWEEN_EARLY_TRIES
        finally:
            self._refreshing.release()

    def _made_anew(self, old: _AccessToken, give_up_at: float) -> _AccessToken:
        asked_at = self._clock.monotonic()
        try:
            answer = self._refresh(old.refresh_token, give_up_at)
        except GrantRefused as refusal:
            self._refused = StopReason.CARD_EXPIRED if refusal.period_over else self.ended or StopReason.CARD_REMOVED
            raise SessionOver(self._refused) from None
        took = self._clock.monotonic() - asked_at
        # The service's word counts where it ends the session earlier than our clock does; it never prolongs it.
        told = self._session_age.seconds() - took + answer.session_seconds + _ROUNDING_SECONDS
        self._session_seconds = min(self._session_seconds, told)
        return _access_token(answer, Stopwatch(self._clock, took))

    def _require_session(self) -> None:
        if (reason := self.ended) is not None:
            raise SessionOver(reason)


def session_seconds(answer: TokenAnswer) -> float:
    """How long a session lasts from its sign-in: what the service says, and never more than ten hours."""
    return min(SESSION_LENGTH.total_seconds(), answer.session_seconds)


def _access_token(answer: TokenAnswer, age: Stopwatch) -> _AccessToken:
    return _AccessToken(answer.access_token, answer.refresh_token, answer.access_seconds, age)
