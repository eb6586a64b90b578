"""Confirm dissents: every dissent that was sent, or found on the Spine, is read back; what is found is kept.

Nothing is ever sent from here: the connections can only ask. Who may, and that nobody else is at work on the practice,
is settled here; how the questions are asked is in `confirmation_loop`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.domain.decision import SpineConsent
from app.domain.errors import Refused, StorageFault
from app.domain.outcomes import Reason
from app.domain.patient import PatientRecord
from app.domain.read_back import Finding, ReadBack
from app.domain.session import CardSession
from app.domain.states import StopReason
from app.engine.confirmation_loop import ConfirmationLoop
from app.engine.control import AlwaysOpen, Gate, StopToken
from app.engine.long_work import Cancelled, Progress, nobody_waits
from app.engine.loop import LoopSettings
from app.engine.ports import Operator, PracticeLock, SignedIn
from app.engine.preview_spine import SpineOnlyAsked
from app.engine.rights import Right, Rights
from app.engine.sender_pool import SenderPool
from app.engine.senders import MakeSenders
from app.engine.spine_port import SpineReaders

NOTHING_TO_CONFIRM = (
    "No dissent that stands in the records has been sent or found on the Spine yet, so there is nothing to confirm."
)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One pass over the dissents: `dissents` is how many there were to be read back when it began, `counts` by finding.

    Without `ended_at` it is under way, or its program died. `end_reason` is None where it went to its end.
    `is_latest_word` says that no run has worked on anybody since it began.
    """

    confirmation_id: int
    started_at: datetime
    ended_at: datetime | None
    end_reason: StopReason | None
    operator: str
    workstation: str
    dissents: int
    counts: Mapping[ReadBack, int]
    is_latest_word: bool

    @property
    def is_complete(self) -> bool:
        """Whether every dissent was come to."""
        return self.ended_at is not None and self.end_reason is None

    @property
    def read_back(self) -> int:
        """Of how many patients the Spine said something."""
        return sum(count for found, count in self.counts.items() if found is not ReadBack.NOT_READ)

    def count(self, found: ReadBack) -> int:
        """How many patients this was found of."""
        return self.counts.get(found, 0)


@dataclass(frozen=True, slots=True)
class NamedFinding:
    """A finding with the patient it is about, whose names are left out of the representation."""

    patient_id: int
    patient_ref: str = field(repr=False)
    nhs_number: str | None = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    found: ReadBack
    consent: SpineConsent | None
    reason: Reason | None
    at: datetime


class ConfirmationStore(Protocol):
    """Where passes and findings are kept. Raises `StorageFault` when the database fails."""

    def count_dissents(self) -> int:
        """How many active patients' records hold a dissent that was sent or found on the Spine, by a run or a look."""

    def dissents(self, after: int, limit: int) -> list[PatientRecord]:
        """These patients' records beyond a patient's id, by that id."""

    def begin(self, dissents: int, operator: Operator, now: datetime) -> int:
        """Open a pass; one that a dead program left open is closed as interrupted. Returns its id."""

    def keep(self, confirmation_id: int, findings: Sequence[Finding], operator: Operator) -> None:
        """Keep these findings, each with its event in the audit trail, in one transaction.

        What the Spine told of a patient counts from then on for the worklists.
        """

    def end(self, confirmation_id: int, reason: StopReason | None, operator: Operator, now: datetime) -> None:
        """Close a pass."""

    def latest(self) -> Confirmation | None:
        """The newest pass."""

    def named(self, confirmation_id: int, found: ReadBack, limit: int) -> list[NamedFinding]:
        """The patients of whom this was found, by name, at most so many."""


class Confirmations:
    """For whoever is signed in at that moment. `confirm` blocks its thread; the others are short, from any thread.

    `claim_spine` is the job operator's: what a simulated Spine says must never count for a real list. `person` names
    whoever is signed in for the audit trail.
    """

    def __init__(
        self,
        store: ConfirmationStore,
        readers: SpineReaders,
        signed_in: SignedIn,
        rights: Rights,
        lock: PracticeLock,
        claim_spine: Callable[[], None],
        person: Callable[[CardSession], Operator],
        clock: Clock,
        settings: LoopSettings,
        make_senders: MakeSenders = SenderPool,
    ) -> None:
        self._store = store
        self._readers = readers
        self._signed_in = signed_in
        self._rights = rights
        self._lock = lock
        self._claim_spine = claim_spine
        self._person = person
        self._clock = clock
        self._settings = settings
        self._make_senders = make_senders

    def why_not(self) -> str | None:
        """Why this person may not confirm dissents now, in words, or None when they may."""
        return self._rights.why_not(Right.LAUNCH)

    def latest(self) -> Confirmation | None:
        """The newest pass, None before the first."""
        return self._store.latest()

    def to_confirm(self) -> int:
        """How many dissents there are to read back."""
        return self._store.count_dissents()

    def named(self, confirmation: Confirmation, found: ReadBack, limit: int) -> list[NamedFinding]:
        """The patients of whom this was found. Raises `Refused` where names may not be seen."""
        self._rights.require(Right.SEE_NAMES)
        return self._store.named(confirmation.confirmation_id, found, limit)

    def confirm(self, token: StopToken, progress: Progress = nobody_waits) -> Confirmation:
        """Read every dissent back, until all are or something stops it; what was found until then is kept.

        Giving the progress up stops it as the token does. Raises `Refused` when a precondition is not met; then nobody
        was asked. Raises `StorageFault` where not even the end could be written.
        """
        self._signed_in.confirm_rights()
        session = self._rights.require(Right.LAUNCH)
        self._lock.acquire(session.user_name)
        try:
            dissents = self._store.count_dissents()
            if dissents == 0:
                raise Refused(NOTHING_TO_CONFIRM)
            self._claim_spine()
            operator = self._person(session)
            confirmation_id = self._store.begin(dissents, operator, self._clock.now())
            reason = self._read_back(confirmation_id, session, operator, token, _stopping(token, progress, dissents))
            self._store.end(confirmation_id, reason, operator, self._clock.now())
        finally:
            self._lock.release()
        confirmation = self._store.latest()
        if confirmation is None:
            raise AssertionError("a pass that was just written can be read")
        return confirmation

    def _read_back(
        self,
        confirmation_id: int,
        session: CardSession,
        operator: Operator,
        token: StopToken,
        tell: Callable[[int], None],
    ) -> StopReason | None:
        gate = Gate(token, AlwaysOpen(), self._signed_in, session.session_id, self._clock)
        asked = SpineOnlyAsked(self._readers)
        settings = self._settings
        senders = self._make_senders(
            lambda: asked.connect(session.session_id),
            settings.senders,
            settings.deadline,
            gate.closed_because,
            self._clock.monotonic,
        )
        token.on_stop(senders.wake)

        def keep(findings: Sequence[Finding]) -> None:
            self._store.keep(confirmation_id, findings, operator)

        loop = ConfirmationLoop(self._store.dissents, keep, senders, gate, self._clock, settings, tell)
        try:
            return loop.run()
        except StorageFault:
            return StopReason.DATABASE


def _stopping(token: StopToken, progress: Progress, dissents: int) -> Callable[[int], None]:
    """Progress that is told how many were read back, and whose giving up is a wish to stop."""

    def tell(done: int) -> None:
        try:
            progress("Confirming dissents", done, dissents)
        except Cancelled:
            token.stop(StopReason.USER)

    return tell
