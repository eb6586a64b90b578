"""The go-live certificate: where every active patient stands after all runs, what adds up, and what is still open.

Counts only, no names. The figures are gathered from one moment of the practice; the checks are worked out here, so that
window, paper and command say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.clock import Clock
from app.domain.outcomes import ItemState, Reason
from app.domain.phrases import count
from app.domain.read_back import ReadBack
from app.domain.session import CardSession
from app.engine.audit_trail import TrailVerdict
from app.engine.confirmation import Confirmation
from app.engine.long_work import Progress, nobody_waits
from app.engine.ports import RunView, actor_words
from app.engine.practice import PracticeInfo
from app.engine.rights import Right, Rights


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many active patients have this as their latest outcome over all runs; both None where there is none."""

    state: ItemState | None
    reason: Reason | None
    patients: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rows say at one moment, each counted for itself.

    `active` patients would be scanned by a run begun now. `dissents` of them object by the entry that counts; of these
    `on_spine` are known to be on the Spine and `not_shown` are not. `not_sent` is the worklist, which holds those whose
    only dissent is dated in the future too. `unconverted` have an old term left, whatever a run did
    before it came. `unsettled` messages may or may not have arrived. `joined` are not in the
    cohort of the latest run that has begun. `seal` is the end of the audit trail with so many `events`.
    """

    active: int
    outcomes: tuple[OutcomeCount, ...]
    runs: tuple[RunView, ...]
    dissents: int
    on_spine: int
    not_shown: int
    not_sent: int
    mismatches: int
    unconverted: int
    unsettled: int
    in_progress: int
    joined: int
    events: int
    seal: str

    def with_state(self, state: ItemState | None) -> int:
        """How many have their latest outcome in this state."""
        return sum(one.patients for one in self.outcomes if one.state is state)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The figures with who asked for them and when (UTC), and the latest pass over the dissents, if there was one."""

    practice: PracticeInfo
    taken_by: str = field(repr=False)
    taken_at: datetime
    figures: Figures
    confirmation: Confirmation | None
    trail: TrailVerdict


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so, and whether it is."""

    words: str
    passed: bool


class CertificateStore(Protocol):
    """The practice at one moment, for a certificate. Long work: raises `Cancelled`."""

    def figures(self, progress: Progress) -> Figures:
        """What the rows say."""

    def confirmation(self) -> Confirmation | None:
        """The latest pass over the dissents."""

    def verify(self, progress: Progress) -> TrailVerdict:
        """Whether every event of the audit trail is as it was written."""


Moment = Callable[[Progress], AbstractContextManager[CertificateStore]]
"""The practice as it stands now, whatever a live run goes on to change."""


class Certifier:
    """Makes certificates, and lets them out of the program; but for `who_takes` never called in the window's thread.

    `note` tells the audit trail who took one, and what it said. `whole` is as in `reports.ReportFiles`.
    """

    def __init__(
        self,
        moment: Moment,
        practice: Callable[[], PracticeInfo],
        note: Callable[[str, str], None],
        whole: Callable[[Path], AbstractContextManager[Path]],
        rights: Rights,
        clock: Clock,
    ) -> None:
        self._moment = moment
        self._practice = practice
        self._note = note
        self._whole = whole
        self._rights = rights
        self._clock = clock

    def who_takes(self) -> CardSession:
        """The session a certificate would be made under now. Raises `Refused`."""
        return self._rights.require(Right.SEE_NAMES)

    def make(self, progress: Progress = nobody_waits) -> Certificate:
        """A certificate for whoever is signed in. Raises `Refused` where nobody is who may see lists, and as below."""
        session = self.who_takes()
        return self.certify(f"{session.user_name} ({session.role.name})", progress)

    def save(self, certificate: Certificate, path: Path, draw: Callable[[Certificate, Path], None]) -> None:
        """Have a certificate drawn into a file. Raises `Refused`, and `BadInput` where it cannot be written."""
        actor = self._actor()
        with self._whole(path) as written:
            draw(certificate, written)
            self.note_taken(certificate, actor, f"PDF file, {path}")

    def put_on_paper(self, certificate: Certificate, printer: str, put: Callable[[Certificate], None]) -> None:
        """Have a certificate printed. Raises `Refused`."""
        actor = self._actor()
        put(certificate)
        self.note_taken(certificate, actor, f"print, {printer}")

    def _actor(self) -> str:
        session = self.who_takes()
        return actor_words(session.user_name, session.role.name, session.card_uid)

    def certify(self, taken_by: str, progress: Progress = nobody_waits) -> Certificate:
        """Where the practice stands at this moment, for whoever asks. Raises `StorageFault` and `Cancelled`."""
        with self._moment(progress) as store:
            progress("Counting the latest outcomes")
            figures = store.figures(progress)
            confirmation = store.confirmation()
            trail = store.verify(progress)
        return Certificate(self._practice(), taken_by, self._clock.now(), figures, confirmation, trail)

    def note_taken(self, certificate: Certificate, actor: str, how: str) -> None:
        """Have it in the audit trail that a certificate left the program, and what it said."""
        verdict = "complete" if is_complete(certificate) else "not complete"
        figures = certificate.figures
        detail = f"{verdict}, {figures.active} active patients, {figures.not_sent} dissents not sent, {how}"
        self._note(actor, detail)


def checks_of(certificate: Certificate) -> list[Check]:
    """What must be so on the day a practice is done, the gravest first."""
    return list(_checks(certificate))


def is_complete(certificate: Certificate) -> bool:
    """Whether every check passes."""
    return all(check.passed for check in checks_of(certificate))


def _checks(certificate: Certificate) -> Iterator[Check]:
    figures = certificate.figures
    yield Check(
        f"Every dissent recorded here is known to be on the Spine: {count(figures.on_spine)} of "
        f"{count(figures.dissents)}.",
        figures.not_shown == 0 and figures.dissents == figures.on_spine,
    )
    yield Check(
        "Nobody's dissent waits for a date in the future: "
        f"{count(figures.not_sent - figures.not_shown)} patients have no other, and it is not on the Spine.",
        figures.not_sent == figures.not_shown,
    )
    yield _read_back_check(certificate.confirmation, figures)
    without = figures.with_state(None)
    yield Check(
        f"Every active patient has an outcome: {count(figures.active - without)} of {count(figures.active)}.",
        without == 0,
    )
    total = sum(one.patients for one in figures.outcomes)
    yield Check(
        f"The outcomes add up to the active patients: {count(total)} and {count(figures.active)}.",
        total == figures.active,
    )
    parts = figures.on_spine + figures.not_shown
    yield Check(
        f"The dissents add up: {count(figures.on_spine)} on the Spine and {count(figures.not_shown)} not shown to be "
        f"are {count(parts)} of {count(figures.dissents)}.",
        parts == figures.dissents,
    )
    yield Check(
        f"Nothing is on its way: {count(figures.unsettled)} messages of unknown outcome, {count(figures.in_progress)} "
        "patients in progress.",
        figures.unsettled == 0 and figures.in_progress == 0,
    )
    failed = figures.with_state(ItemState.FAILED)
    yield Check(f"Nobody is left failed: {count(failed)} patients.", failed == 0)
    trail = certificate.trail
    words = "as it was written" if trail.damage is None else f"damaged at event {trail.broken_at}"
    yield Check(f"The audit trail of {count(figures.events)} events is {words}.", trail.damage is None)


def _read_back_check(confirmation: Confirmation | None, figures: Figures) -> Check:
    if confirmation is None:
        return Check(
            "The dissents were read back from the Spine: not done. Use Confirm dissents.", figures.dissents == 0
        )
    still_no = confirmation.count(ReadBack.STILL_NO)
    passed = (
        confirmation.is_complete
        and confirmation.is_latest_word
        and still_no == confirmation.dissents
        and confirmation.dissents >= figures.on_spine
    )
    later = "" if confirmation.is_latest_word else " A run has worked since: confirm again."
    there = f"{count(still_no)} of {count(confirmation.dissents)} are there"
    return Check(f"The dissents were read back from the Spine: {there}.{later}", passed)


def exceptions_of(certificate: Certificate) -> Mapping[str, int]:
    """What is left to look after, in words, with how many; nothing that is 0."""
    figures, found = certificate.figures, dict[str, int]()
    confirmation = certificate.confirmation
    if confirmation is not None:
        found["Dissents NOT on the Spine when they were read back"] = confirmation.count(ReadBack.OTHERWISE)
        found["Dissents that could not be read back"] = confirmation.count(ReadBack.NOT_READ)
        found["Dissents of which the Spine does not tell"] = confirmation.count(ReadBack.NOT_TOLD)
    found["Dissents not sent"] = figures.not_sent
    found["Dissents on the Spine, not here"] = figures.mismatches
    found["Patients with an old consent term that is not converted yet"] = figures.unconverted
    found["Messages of unknown outcome"] = figures.unsettled
    found["Patients without an outcome"] = figures.with_state(None)
    found["Patients who joined since the latest run began"] = figures.joined
    return {words: number for words, number in found.items() if number}
