"""Stopping a run: the token that wakes the loop, the gate that every message must pass, and how an execution ends.

The token is set from any thread; the gate is asked by the loop and by each sender before its first byte.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from app.clock import Clock
from app.domain.states import StopReason
from app.engine.ports import SignedIn
from app.engine.rows import ExecutionEnd
from app.engine.senders import Operation


class StopToken:
    """A wish to stop, with its reason. The first reason given stands; `stop` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: StopReason | None = None
        self._in_haste = False
        self._listeners: list[Callable[[], None]] = []

    def stop(self, reason: StopReason) -> None:
        """Ask for a stop and wake everybody who waits."""
        with self._lock:
            self._in_haste = self._in_haste or reason is StopReason.SHUTDOWN
            if self._reason is not None:
                return
            self._reason = reason
            listeners = tuple(self._listeners)
        for wake in listeners:
            wake()

    def on_stop(self, wake: Callable[[], None]) -> None:
        """Have this called when a stop is asked for, at once when it already was."""
        with self._lock:
            self._listeners.append(wake)
            already = self._reason is not None
        if already:
            wake()

    @property
    def reason(self) -> StopReason | None:
        """Why to stop, None while nobody asked."""
        with self._lock:
            return self._reason

    @property
    def in_haste(self) -> bool:
        """Whether the program is about to end, whatever was asked before: nothing may be waited for long."""
        with self._lock:
            return self._in_haste

    @property
    def is_set(self) -> bool:
        """Whether somebody asked for a stop."""
        return self.reason is not None


class Window(Protocol):
    """The hours in which messages may be sent; asked from several threads."""

    def closed(self) -> bool:
        """Whether no message may be begun now."""


class AlwaysOpen:
    """No stop time was set."""

    def closed(self) -> bool:
        """Never."""
        return False


class Gate:
    """Whether a message may be begun now: no stop asked for, window open, card present with enough time left.

    Shut by the loop for good once the execution is to end for a reason of its own. A practice may let questions go on
    without the card (`reads_need_card`); a dissent is never sent without it.
    """

    def __init__(
        self,
        token: StopToken,
        window: Window,
        signed_in: SignedIn,
        session_id: str,
        clock: Clock,
        *,
        reads_need_card: bool = True,
    ) -> None:
        self._token = token
        self._window = window
        self._signed_in = signed_in
        self._session_id = session_id
        self._clock = clock
        self._reads_need_card = reads_need_card
        self._shut: StopReason | None = None

    def shut(self, reason: StopReason) -> None:
        """Nothing may be begun any more."""
        self._shut = reason

    @property
    def in_haste(self) -> bool:
        """Whether what is under way is not to be waited for long."""
        return self._token.in_haste

    def closed_because(self, operation: Operation) -> StopReason | None:
        """Why nothing of this kind may be begun now, None while it may."""
        if (reason := self._shut or self._token.reason) is not None:
            return reason
        if self._window.closed():
            return StopReason.WINDOW_CLOSED
        return self._without_card() if operation is Operation.SEND or self._reads_need_card else None

    def _without_card(self) -> StopReason | None:
        session = self._signed_in.current()
        if session is None or session.session_id != self._session_id:
            # Another person's card does not go on with this execution: Resume does, in their name.
            return self._signed_in.ended_because() or StopReason.CARD_REMOVED
        if not session.may_begin_send(self._clock.now()):
            return StopReason.CARD_EXPIRED
        return None


class Ending:
    """How the execution ends, once that is known; the first reason stands. Used by the loop's thread alone.

    From then on nothing new begins, and what is under way is seen to its end.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.result: ExecutionEnd | None = None

    @property
    def is_known(self) -> bool:
        """Whether nothing new begins any more."""
        return self.result is not None

    @property
    def is_stopping(self) -> bool:
        """Whether it ends short of completion."""
        return self.result is not None and not self.result.completed

    def stop(self, reason: StopReason, detail: str = "") -> None:
        """End short of completion; `detail` is for the screen and the log."""
        if self.result is None:
            self.result = ExecutionEnd(completed=False, reason=reason, detail=detail)
            self._gate.shut(reason)

    def complete(self) -> None:
        """Everything in scope has been brought to an end."""
        if self.result is None:
            self.result = ExecutionEnd(completed=True)
