"""Stands beside the Spine and looks at the practice whenever a dissent arrives: might it have been sent just then?

Judged by the rows as another connection sees them, by the clock, the card and the token; never by the engine's word.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from app.clock import london_date
from app.domain.patient import RegistrationStatus
from app.domain.states import IntentState
from app.engine.spine_port import NOT_APPLIED, AnswerKind
from app.storage.columns import AnyRow
from app.storage.tables import attempt, consent_entry, execution, intent, meta, patient
from tests.helpers.expected import DISSENT, counting_code
from tests.helpers.scripted_spine import Call

if TYPE_CHECKING:
    from tests.helpers.bench import Bench

LAST_SEND_MARGIN = timedelta(seconds=90)
AFTER_A_READING = frozenset({"READBACK_NOT_APPLIED", "NO_READBACK"})

_WRITTEN = (
    select(
        attempt.c.request_id,
        attempt.c.correlation_id,
        attempt.c.reason,
        attempt.c.ended_at,
        intent.c.state,
        execution.c.epoch,
        execution.c.ended_at.label("execution_ended_at"),
        execution.c.card_session,
        patient.c.id.label("patient_id"),
        patient.c.nhs_number,
        patient.c.registration,
        patient.c.pds_linked,
        patient.c.record_in_use,
        select(meta.c.epoch).scalar_subquery().label("current_epoch"),
    )
    .join_from(attempt, intent, attempt.c.request_id == intent.c.request_id)
    .join(execution, execution.c.id == attempt.c.execution_id)
    .join(patient, patient.c.id == intent.c.patient_id)
    .where(attempt.c.correlation_id == bindparam("correlation"))
)
_ENTRIES = (
    select(consent_entry.c.code, consent_entry.c.event_date, consent_entry.c.recorded_at)
    .where(consent_entry.c.patient_id == bindparam("patient"))
    .order_by(consent_entry.c.position)
)


class Witness:
    """What was written of each dissent when it arrived, by correlation id, and what spoke against sending it."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.written: dict[str, AnyRow] = {}
        self.breaches: list[str] = []

    def see(self, call: Call) -> None:
        """A request has arrived and is not answered yet."""
        if call.operation != "send":
            return
        with self._bench.database.reading() as connection:
            row = connection.execute(_WRITTEN, {"correlation": call.correlation_id}).one_or_none()
            entries = [] if row is None else connection.execute(_ENTRIES, {"patient": row.patient_id}).all()
        if row is None:
            self.breaches.append("I5: no attempt was on the disk before the first byte")
            return
        self.written[call.correlation_id] = row
        self._check_what_was_written(row, call)
        self._check_the_wish(row, entries, call)
        self._check_the_hour(row, call)
        if row.reason in AFTER_A_READING:
            self._check_that_it_was_settled(call)

    def _breach(self, holds: bool, words: str) -> None:
        if not holds:
            self.breaches.append(words)

    def _check_what_was_written(self, row: AnyRow, call: Call) -> None:
        self._breach(row.request_id == call.request_id, "I5: the attempt was for another message")
        self._breach(row.ended_at is None, "I5: the attempt had been closed before it was made")
        self._breach(row.state is IntentState.IN_FLIGHT, "I5: the message was not in flight")

    def _check_the_wish(self, row: AnyRow, entries: list[AnyRow], call: Call) -> None:
        counting = counting_code(
            [
                {
                    "read_code": entry.code,
                    "event_date": entry.event_date.isoformat(),
                    "recorded_at": entry.recorded_at.isoformat() if entry.recorded_at else "",
                }
                for entry in entries
            ],
            london_date(call.at),
        )
        self._breach(counting in DISSENT, "I3: the record held no dissent that counts when it was sent")
        self._breach(row.nhs_number == call.nhs_number, "I3: it was sent under another number than the record's")
        may = row.registration is RegistrationStatus.PERMANENT and row.pds_linked and not row.record_in_use
        self._breach(may, "I3: nothing may be sent for such a patient")

    def _check_the_hour(self, row: AnyRow, call: Call) -> None:
        token, window = self._bench.pressed[-1]
        self._breach(not token.is_set, "I7: it was sent after a stop")
        self._breach(not window.closed(), "I7: it was sent outside its window")
        session = self._bench.card.current()
        mine = session is not None and session.session_id == row.card_session
        self._breach(mine, "I7: it was sent without the card it was begun under")
        in_time = session is not None and session.ends_at - call.at >= LAST_SEND_MARGIN
        self._breach(in_time, "I7: it was sent too late in the session")
        current = row.epoch == row.current_epoch and row.execution_ended_at is None
        self._breach(current, "I7: it was sent by an execution that another has taken over from")

    def _check_that_it_was_settled(self, call: Call) -> None:
        """Faults page, section 2: read back, understood, and not before the settle time has passed."""
        calls = [before for before in self._bench.spine.calls if before.nhs_number == call.nhs_number]
        sends = [place for place, before in enumerate(calls) if _may_have_arrived(before, call.request_id)]
        if not sends:
            return
        last, settings = calls[sends[-1]], self._bench.settings
        settle = timedelta(seconds=settings.settle - settings.leaves_within)
        told = [before for before in calls[sends[-1] + 1 :] if before.kind is AnswerKind.CONSENT]
        # A clock that was put on looks like time gone by, one that was put back must not.
        waited = [max(read.at - last.at, timedelta(seconds=read.monotonic - last.monotonic)) for read in told]
        self._breach(bool(told), "I2: it was sent again on no reading that was understood")
        self._breach(not told or max(waited) >= settle, "I2: it was sent again on a reading before the settle time")


def _may_have_arrived(call: Call, request_id: str) -> bool:
    return call.request_id == request_id and call.kind not in NOT_APPLIED
