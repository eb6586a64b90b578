"""The loop that reads dissents back: at the pace and through the gate of a run, with its patience in an outage.

It asks and notes, and changes nothing about anybody. An outage makes nobody "not read": only a patient whose own
answers fail while others are answered is.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.clock import Clock
from app.domain.decision import decide_without_spine
from app.domain.outcomes import Reason
from app.domain.patient import PatientRecord
from app.domain.read_back import Finding, ReadBack, read_back_of
from app.domain.states import StopReason
from app.engine.breaker import Breaker, Circuit
from app.engine.control import Gate
from app.engine.fresh_ids import fresh_id
from app.engine.loop import LoopSettings
from app.engine.pace import Pace
from app.engine.senders import Answered, Exchange, Operation, Senders
from app.engine.spine_port import TOLD_NOTHING, AnswerKind, MessageIds, SpineAnswer
from app.engine.watch import MAX_ACCESS_REFUSALS_IN_A_ROW

_log = logging.getLogger(__name__)

_IN_HAND = 64
_KEPT_TOGETHER = 25
_TICK_SECONDS = 0.1
_LONGEST_DELAY = 5.0
"""A retry delay longer than this is no use here: whoever is not read now is read by the next pass."""


@dataclass(slots=True)
class _Asked:
    """One patient in hand: how often an answer failed, and from when on another question may go out."""

    record: PatientRecord
    tried: int = 0
    reauthenticated: bool = False
    not_before: float = 0.0


class ConfirmationLoop:
    """One pass. `read` gives records beyond a patient's id; `keep` keeps findings; `tell` hears how many are done."""

    def __init__(
        self,
        read: Callable[[int, int], list[PatientRecord]],
        keep: Callable[[Sequence[Finding]], None],
        senders: Senders,
        gate: Gate,
        clock: Clock,
        settings: LoopSettings,
        tell: Callable[[int], None],
    ) -> None:
        self._read = read
        self._keep = keep
        self._senders = senders
        self._gate = gate
        self._clock = clock
        self._delays = [delay for delay in settings.retry_delays if delay <= _LONGEST_DELAY]
        self._max_wait = settings.max_wait
        self._tell = tell
        self._pace = Pace(settings.per_second, clock.monotonic)
        self._breaker = Breaker(clock.monotonic)
        self._ready: deque[_Asked] = deque()
        self._waiting: list[_Asked] = []
        self._out: dict[str, _Asked] = {}
        self._found: list[Finding] = []
        self._refused_in_a_row: set[int] = set()
        self._last_id = 0
        self._is_read_out = False
        self._done = 0
        self._ends_by: StopReason | None = None

    def run(self) -> StopReason | None:
        """Ask about everybody; why it ended short of that, None when it did not.

        What was under way at a stop is cut: a question that is not answered has done nothing. Raises `StorageFault`.
        """
        try:
            while not self._is_over():
                self._take_in_hand()
                self._send_out()
                for answered in self._senders.receive(_TICK_SECONDS):
                    self._take_in(answered)
                self._keep_found(_KEPT_TOGETHER)
                self._tell(self._done)
        finally:
            self._senders.close()
        self._keep_found(1)
        self._tell(self._done)
        return self._ends_by

    def _is_over(self) -> bool:
        if self._ends_by is None:
            self._ends_by = self._gate.closed_because(Operation.READ)
        if self._ends_by is None and self._max_wait is not None and self._breaker.unanswered_for() > self._max_wait:
            self._ends_by = self._breaker.why_unanswered
        return self._ends_by is not None or (self._is_read_out and not self._in_hand)

    @property
    def _in_hand(self) -> int:
        return len(self._ready) + len(self._waiting) + len(self._out)

    def _take_in_hand(self) -> None:
        if self._is_read_out or self._in_hand >= _IN_HAND:
            return
        records = self._read(self._last_id, _IN_HAND)
        self._is_read_out = not records
        for record in records:
            self._last_id = record.patient_id
            # Whoever has the record open does not keep the Spine from being asked.
            settled = decide_without_spine(replace(record, record_in_use=False))
            if settled is None:
                self._ready.append(_Asked(record))
            else:
                self._note(record, ReadBack.NOT_READ, reason=settled.reason)

    def _send_out(self) -> None:
        now = self._clock.monotonic()
        for asked in [one for one in self._waiting if one.not_before <= now]:
            self._waiting.remove(asked)
            self._ready.append(asked)
        while self._ready and self._senders.idle and self._pace.wait_needed() <= 0 and self._may_go_out():
            asked = self._ready.popleft()
            number = asked.record.nhs_number
            if number is None:
                raise AssertionError("whoever has no number is not asked about")
            ids = MessageIds(fresh_id(), fresh_id())
            self._out[ids.correlation_id] = asked
            self._pace.take()
            self._senders.submit(Exchange(asked.record.patient_id, Operation.READ, number, ids))

    def _may_go_out(self) -> bool:
        if self._breaker.circuit is Circuit.CLOSED:
            return True
        if not self._breaker.may_probe():
            return False
        self._breaker.begin_probe()
        return True

    # --- answers ----------------------------------------------------------------------------------------------------

    def _take_in(self, answered: Answered) -> None:
        asked, answer = self._out.pop(answered.exchange.ids.correlation_id), answered.answer
        if answer.kind is AnswerKind.CONSENT and answer.consent is not None:
            self._understood()
            self._note(asked.record, read_back_of(answer.consent), answer)
        elif answer.kind in {AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED}:
            self._refused(asked, answer)
        elif answer.kind in TOLD_NOTHING:
            self._told_nothing(asked, answer)
        else:
            self._breaker.probe_not_made()
            self._turned_away(asked, answer)

    def _understood(self) -> None:
        if self._breaker.understood():
            _log.info("The Spine answers again.")
        self._refused_in_a_row.clear()

    def _refused(self, asked: _Asked, answer: SpineAnswer) -> None:
        """The Spine would not speak of this patient; of so many in a row it is the user whom it refuses."""
        refused = self._refused_in_a_row | {asked.record.patient_id}
        self._understood()
        if answer.kind is AnswerKind.ACCESS_REFUSED:
            self._refused_in_a_row = refused
            if len(refused) >= MAX_ACCESS_REFUSALS_IN_A_ROW:
                self._ends_by = StopReason.NOT_AUTHORISED
        self._note(asked.record, ReadBack.NOT_READ, reason=Reason.SPINE_REJECTED)

    def _told_nothing(self, asked: _Asked, answer: SpineAnswer) -> None:
        connected = answer.kind is not AnswerKind.NO_CONNECTION
        if self._breaker.failed(asked.record.patient_id, connected=connected):
            _log.warning("The Spine gives no usable answers: waiting and probing.")
            # Nobody's fault but the network's: everybody in hand is asked from the start once it is over.
            for one in (*self._waiting, *self._ready):
                one.tried = 0
        if self._breaker.circuit is not Circuit.CLOSED:
            asked.tried = 0
            self._ready.append(asked)
        elif asked.tried < len(self._delays):
            asked.not_before = self._clock.monotonic() + self._delays[asked.tried]
            asked.tried += 1
            self._waiting.append(asked)
        else:
            understood = answer.kind is not AnswerKind.NOT_UNDERSTOOD
            reason = Reason.SPINE_UNAVAILABLE if understood else Reason.ANSWER_NOT_UNDERSTOOD
            self._note(asked.record, ReadBack.NOT_READ, reason=reason)

    def _turned_away(self, asked: _Asked, answer: SpineAnswer) -> None:
        """Answers about the session, the rights, the set-up or the pace, and not about any patient."""
        self._ready.appendleft(asked)
        if answer.kind is AnswerKind.THROTTLED:
            self._pace.slow_down(answer.retry_after)
            self._breaker.turned_away()
        elif answer.kind is AnswerKind.NOT_AUTHORISED:
            self._ends_by = StopReason.NOT_AUTHORISED
        elif answer.kind is AnswerKind.CONFIGURATION:
            self._ends_by = StopReason.CONFIGURATION
        elif answer.kind is AnswerKind.UNAUTHENTICATED:
            if answer.session_ended is not None or asked.reauthenticated:
                self._ends_by = answer.session_ended or StopReason.CARD_REMOVED
            asked.reauthenticated = True

    # --- findings ---------------------------------------------------------------------------------------------------

    def _note(
        self, record: PatientRecord, found: ReadBack, answer: SpineAnswer | None = None, reason: Reason | None = None
    ) -> None:
        consent = answer.consent if answer is not None else None
        self._found.append(Finding(record, found, self._clock.now(), consent, reason))
        self._done += 1

    def _keep_found(self, at_least: int) -> None:
        if len(self._found) >= at_least:
            self._keep(self._found)
            self._found = []
