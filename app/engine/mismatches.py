"""One patient looked at on the Spine, and a dissent that is found there recorded here too, by a person who may.

Nothing is ever sent from here, and no dissent lifted, on either side: the opposite wish is settled in the patient's own
record. A dissent is recorded only on what the Spine says in the same press. What a run found may be days old: meanwhile
the patient may have agreed elsewhere, and the next run would send a dissent over that newer wish.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NoReturn, Protocol

from app.clock import Clock, london_date
from app.domain.decision import Permission, SpineConsent, Summary, decide_without_spine
from app.domain.errors import Refused
from app.domain.outcomes import REASON_WORDS, Reason
from app.domain.patient import ConsentEntry, PatientRecord, has_local_dissent
from app.domain.session import CardSession
from app.domain.terms import EXPRESS_DISSENT
from app.engine.control import AlwaysOpen, Gate, StopToken
from app.engine.fresh_ids import fresh_id
from app.engine.pace import Pace
from app.engine.ports import PracticeLock, SignedIn, actor_words
from app.engine.rights import Right, Rights
from app.engine.senders import Operation
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer, SpineService

_NO_SUCH_PATIENT = "This patient is no longer in the practice's list."
_BUSY_HERE = "Consent Migration is running. Wait for it to end, or press Stop, then try again."
_NOT_ASKED = "The Spine is not asked about this patient."
_CHANGED = "The patient's record was changed just now, so nothing was recorded. Look at it, then try again."
_NOT_THERE = (
    "The Spine does not tell of a dissent of this patient now, so none was recorded here. "
    "Settle with the patient what is wanted, in the patient's own record."
)
_OUTDONE = (
    "Another preference of today stands in this record with a later time, so a dissent recorded now would not count. "
    "Look at the record first."
)
_SESSION_ENDS = "Your Smartcard session is about to end, so the Spine cannot be asked. Sign in again first."
_OTHER_CARD = "The Smartcard was changed while the Spine answered, so nothing was recorded. Try again."
_UNANSWERED: dict[AnswerKind, str] = {
    AnswerKind.REJECTED: "The Spine refused the question about this patient. Look at the NHS number.",
    AnswerKind.ACCESS_REFUSED: "The Spine refuses access to this patient's record.",
    AnswerKind.NO_CONNECTION: "The Spine could not be reached. Check the network, then try again.",
    AnswerKind.THROTTLED: "The Spine asks for a pause. Wait a moment, then try again.",
    AnswerKind.UNAUTHENTICATED: "The Spine no longer accepts this Smartcard session. Sign in again, then try again.",
    AnswerKind.NOT_AUTHORISED: "The Spine did not accept this role. Sign in with the right one, then try again.",
    AnswerKind.CONFIGURATION: "The connection to the Spine is not set up rightly. Have it checked, then try again.",
    AnswerKind.NOT_UNDERSTOOD: "The Spine's answer could not be understood: nothing was assumed. Try again later.",
}
_NO_ANSWER = "The Spine did not answer. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Found:
    """A patient's record as it stands, and the latest execution there is: what a later one finds is newer."""

    record: PatientRecord
    latest_execution: int


@dataclass(frozen=True, slots=True)
class NewLook:
    """What a look told: about whom and under which number, and who took it when."""

    found: Found
    consent: SpineConsent
    at: datetime
    by: str = field(repr=False)
    actor: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordedDissent:
    """The entry a person adds: 9Ndo., today, in that person's name."""

    event_date: date
    recorded_at: datetime
    recorded_by: str = field(repr=False)


class MismatchStore(Protocol):
    """The practice's record of one patient and of looks at the Spine; each call one transaction or one short look."""

    def find(self, patient_id: int) -> Found | None:
        """The patient's record; None where there is no such patient."""

    def keep_look(self, look: NewLook) -> None:
        """Keep what a look told, with its event in the audit trail, in place of an earlier one.

        One that tells nothing of the consent leaves an earlier one under the same number that did.
        """

    def note_unanswered(self, patient_id: int, kind: AnswerKind, actor: str, at: datetime) -> None:
        """Tell the audit trail of a look that told nothing."""

    def record_dissent(self, look: NewLook, dissent: RecordedDissent) -> bool:
        """Keep the look and add the dissent to the record that it was decided on, together; False, and nothing of it,
        where the record has changed since.
        """


@dataclass(frozen=True, slots=True)
class Told:
    """How a press ended, in a sentence. `consent` is what the Spine holds, None where it was not asked."""

    words: str
    consent: SpineConsent | None = None


class Mismatches:
    """For whoever is signed in at that moment; never called in the window's thread, as it waits for the network.

    Nobody looks while a run is live: both would share the pace that the Spine allows. `claim_spine` is the job
    operator's: what a simulated Spine says must never count for a real list.
    """

    def __init__(
        self,
        store: MismatchStore,
        service: SpineService,
        signed_in: SignedIn,
        rights: Rights,
        lock: PracticeLock,
        claim_spine: Callable[[], None],
        clock: Clock,
        per_second: float,
    ) -> None:
        self._store = store
        self._service = service
        self._signed_in = signed_in
        self._rights = rights
        self._lock = lock
        self._claim_spine = claim_spine
        self._clock = clock
        self._pace = Pace(per_second, clock.monotonic)
        self._one_at_a_time = threading.Lock()

    def why_not_record(self) -> str | None:
        """Why this person may not record a dissent, in words, or None when they may."""
        return self._rights.why_not(Right.RECORD_CONSENT)

    def check_again(self, patient_id: int) -> Told:
        """Ask the Spine what it holds of a patient, and keep what it tells. Raises `Refused` where it is not asked."""
        session = self._rights.require(Right.SEE_NAMES)
        found = self._find(patient_id)
        # Whoever has the record open does not keep the Spine from being asked.
        _refuse_settled(replace(found.record, record_in_use=False), _NOT_ASKED)
        answer = self._ask(found.record, session)
        if answer.consent is None:
            self._refuse_unanswered(found, answer, session)
        self._store.keep_look(self._look(found, answer.consent, session))
        return Told(words_of(answer.consent), answer.consent)

    def record_dissent(self, patient_id: int) -> Told:
        """Record a dissent here that the Spine holds at this moment; a dissent that stands here already is enough.

        Raises `Refused` with the reason; then nothing was recorded.
        """
        # Asked anew, as at every press: the session may be nine hours old.
        self._signed_in.confirm_rights()
        session = self._rights.require(Right.RECORD_CONSENT)
        found = self._find(patient_id)
        if self._objects(found.record):
            return self._already()
        _refuse_settled(found.record, "The dissent was not recorded.")
        answer = self._ask(found.record, session)
        if answer.consent is None:
            self._refuse_unanswered(found, answer, session)
        look = self._look(found, answer.consent, session)
        if answer.consent.permission is not Permission.NO:
            self._store.keep_look(look)
            raise Refused(_NOT_THERE)
        return self._record(look, session)

    # --- within -------------------------------------------------------------------------------------------------

    def _record(self, look: NewLook, session: CardSession) -> Told:
        # Asked again: the answer may have taken its time, and the card may be another person's by now.
        if self._rights.require(Right.RECORD_CONSENT).session_id != session.session_id:
            raise Refused(_OTHER_CARD)
        now = self._clock.now()
        dissent = RecordedDissent(london_date(now), now, session.user_name)
        record = look.found.record
        if not self._objects(replace(record, entries=(*record.entries, _as_entry(dissent)))):
            raise Refused(_OUTDONE)
        if self._store.record_dissent(look, dissent):
            words = f"The dissent is recorded here too ({EXPRESS_DISSENT.code}, {dissent.event_date:%d/%m/%Y}). "
            return Told(f"{words}Nothing was sent: the Spine holds it already.", look.consent)
        if self._objects(self._find(record.patient_id).record):
            return self._already()
        raise Refused(_CHANGED)

    def _find(self, patient_id: int) -> Found:
        if self._lock.held_here:
            raise Refused(_BUSY_HERE)
        if (holder := self._lock.holder()) is not None:
            raise Refused(holder)
        found = self._store.find(patient_id)
        if found is None:
            raise Refused(_NO_SUCH_PATIENT)
        return found

    def _objects(self, record: PatientRecord) -> bool:
        return has_local_dissent(record.entries, london_date(self._clock.now()))

    @staticmethod
    def _already() -> Told:
        return Told("A dissent is recorded here already. Nothing was changed and nothing was sent.")

    def _ask(self, record: PatientRecord, session: CardSession) -> SpineAnswer:
        """One question, through the gate and at the pace of any other; a new token is worth a second try."""
        if record.nhs_number is None:
            raise AssertionError("whoever has no number is not asked about")
        self._claim_spine()
        gate = Gate(StopToken(), AlwaysOpen(), self._signed_in, session.session_id, self._clock)
        request_id = fresh_id()
        with self._one_at_a_time:
            connection = self._service.connect(session.session_id)
            try:
                for _ in range(2):
                    threading.Event().wait(self._pace.wait_needed())
                    if gate.closed_because(Operation.READ) is not None:
                        raise Refused(_SESSION_ENDS)
                    self._pace.take()
                    answer = connection.read_consent(record.nhs_number, MessageIds(request_id, fresh_id()))
                    if answer.kind is not AnswerKind.UNAUTHENTICATED or answer.session_ended is not None:
                        break
            finally:
                connection.close()
        if answer.kind is AnswerKind.THROTTLED:
            self._pace.slow_down(None)
        return answer

    def _look(self, found: Found, consent: SpineConsent, session: CardSession) -> NewLook:
        return NewLook(found, consent, self._clock.now(), session.user_name, _actor(session))

    def _refuse_unanswered(self, found: Found, answer: SpineAnswer, session: CardSession) -> NoReturn:
        self._store.note_unanswered(found.record.patient_id, answer.kind, _actor(session), self._clock.now())
        raise Refused(_UNANSWERED.get(answer.kind, _NO_ANSWER))


def words_of(consent: SpineConsent) -> str:
    """What the Spine tells of a patient, in a sentence."""
    if consent.permission is Permission.NO:
        return "The Spine holds a dissent."
    if consent.permission is Permission.NOT_TOLD:
        return "The Spine has no summary of this patient and tells nothing of the consent."
    summary = "a summary" if consent.summary is Summary.YES else "no summary"
    return f"The Spine holds no dissent ({consent.permission}); there is {summary}."


def _refuse_settled(record: PatientRecord, then: str) -> None:
    """Refuse for a patient whom the decision table settles without asking the Spine."""
    settled = decide_without_spine(record)
    if settled is not None:
        raise Refused(f"{then} {_WHY_SETTLED.get(settled.reason) or REASON_WORDS[settled.reason]}")


_WHY_SETTLED: dict[Reason, str] = {
    Reason.NO_LONGER_ACTIVE: "The patient is no longer on the practice's active list.",
    Reason.PDS_MISMATCH: "The record is not linked with PDS, so what the Spine holds may be somebody else's.",
    Reason.RECORD_IN_USE: "The record is open on another computer. Close it there, then try again.",
    Reason.NHS_NUMBER_INVALID: "The NHS number is missing or not valid. Correct it first.",
}


def _as_entry(dissent: RecordedDissent) -> ConsentEntry:
    return ConsentEntry(0, EXPRESS_DISSENT.code, dissent.event_date, dissent.recorded_at)


def _actor(session: CardSession) -> str:
    return actor_words(session.user_name, session.role.name, session.card_uid)
