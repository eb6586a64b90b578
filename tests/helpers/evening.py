"""The evenings of a practice: presses under faults, and all that happens around them.

Drawn at random by the schedules in `tests/crash` and by the rules in `tests/stateful`; nothing is drawn here. What may
be pressed is judged here, what must hold after every step by `judge`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from app.domain.actions import Action
from app.domain.decision import Permission
from app.domain.errors import Refused
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.ports import RunView
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from app.storage.sqlite.restore import restore_backup
from app.storage.tables import attempt, patient
from tests.helpers import databases
from tests.helpers.bench import FAMILY, Bench, Board, Person
from tests.helpers.evening_judge import Judge
from tests.helpers.failing_store import Killed
from tests.helpers.foresight import check_as_foreseen, foresee
from tests.helpers.incidents import EDITS, OBJECTS, Doors, Incident, Moments, What
from tests.helpers.inline_senders import inline_senders
from tests.helpers.scripted_spine import Call, Holding, Script, as_script
from tests.helpers.spine_faults import LONGEST_LATE, READS, SENDS
from tests.helpers.witness import LAST_SEND_MARGIN

FIRST_EDIT_ON = date(2026, 9, 1)
SESSION_OVER = "session over"
"""An answer beside those that every Spine gives: the token is refused, and no other is to be had."""


@dataclass(frozen=True)
class Answers:
    """What the Spine answers to one question after another, and to one dissent after another, by name; then well."""

    to_reads: Sequence[str] = ()
    to_sends: Sequence[str] = ()


WELL = Answers()


class Evening:
    """One practice. `log` tells what was done to it, for whoever reads a failure."""

    def __init__(self, bench: Bench, order: Random | None = None) -> None:
        self.bench = bench
        self.log: list[str] = []
        self.judge = Judge(bench)
        self.went_through = False
        """Whether a whole pass met nothing in its way, and nothing has happened since."""
        self._edits = 0
        self._backups: list[Any] = []
        self._token, self._doors = StopToken(), Doors()
        self._taken_over = self._lost_lock = False
        bench.make_senders = inline_senders(bench.clock, order, leaps=True)

    # --- pressing ---------------------------------------------------------------------------------------------------

    def press(self, action: Action, incidents: Sequence[Incident] = (), answers: Answers = WELL) -> RunView | None:
        """Press it while all this happens; how the run then stands, None where it was refused or the program died."""
        self.log.append(f"{action} {list(incidents)} {answers}")
        bench, latest = self.bench, self.bench.queries.latest_run(FAMILY)
        allowed = self._may_press(action, latest)
        calls_before = len(bench.spine.calls)
        edited_before, self.judge.edited = self.judge.edited, set()
        view, died = self._press(action, incidents, answers)
        assert not bench.lock.held_here
        after = bench.queries.latest_run(FAMILY) if view is None else view
        if (after and after.run_id) == (latest and latest.run_id):
            self.judge.edited |= edited_before
        if view is None and not died and not self._taken_over:
            assert not allowed, "it was refused without a reason"
            assert (after, len(bench.spine.calls)) == (latest, calls_before), "what is refused changes nothing"
        else:
            assert allowed, "it should have been refused"
            if self.went_through and action is Action.RERUN and not incidents:
                self.judge.check_that_nothing_was_sent(calls_before)
            undisturbed = not incidents and answers == WELL and view is not None and view.status is RunStatus.COMPLETED
            self.went_through = undisturbed and action.makes_new_run
        return view

    def _press(self, action: Action, incidents: Sequence[Incident], answers: Answers) -> tuple[RunView | None, bool]:
        bench = self.bench
        moments = Moments(incidents, self._happens)
        bench.store, bench.service = moments.store(bench.store), moments.service(bench.spine)
        bench.spine.always = self._in_turn(answers)
        self._token, self._doors, self._taken_over, self._lost_lock = StopToken(), Doors(), False, False
        try:
            return bench.press(action, token=self._token, window=self._doors), False
        except Killed:
            return None, True
        except Refused:
            return None, False
        finally:
            bench.store, bench.service, bench.spine.always = SqlMigrationStore(bench.database), bench.spine, None

    def may_press(self, action: Action) -> bool:
        """Whether this is allowed as things stand."""
        return self._may_press(action, self.bench.queries.latest_run(FAMILY))

    def _may_press(self, action: Action, latest: RunView | None) -> bool:
        """From the state of the latest run."""
        session = self.bench.card.current()
        if session is None or session.ends_at - self.bench.clock.now() < LAST_SEND_MARGIN:
            return False
        status = latest.status if latest else None
        paused = status in {RunStatus.STOPPED, RunStatus.RUNNING}
        if action.makes_new_run and not self.bench.queries.active_count():
            return False
        return {
            Action.RUN: not paused,
            Action.RESUME: paused,
            Action.RERUN: latest is not None,
            Action.FAILED: latest is not None and latest.counts.failed > 0 and status is not RunStatus.ABANDONED,
        }[action]

    def _in_turn(self, answers: Answers) -> Script:
        names = {"read": iter(answers.to_reads), "send": iter(answers.to_sends)}

        def answer(holding: Holding, call: Call) -> Any:
            name = next(names[call.operation], "well")
            if name == SESSION_OVER:
                self.bench.card.end(StopReason.CARD_EXPIRED)
                return SpineAnswer(AnswerKind.UNAUTHENTICATED, 401, session_ended=StopReason.CARD_EXPIRED)
            return as_script((READS if call.operation == "read" else SENDS)[name])(holding, call)

        return answer

    # --- what happens meanwhile, or between -------------------------------------------------------------------------

    def happens(self, incident: Incident) -> None:
        """Something happens while nothing runs."""
        self.log.append(str(incident))
        self.went_through = False
        self._happens(incident)

    def _happens(self, incident: Incident) -> None:
        {
            What.STOP: lambda: self._token.stop(StopReason.USER),
            What.CLOSE: lambda: self._token.stop(StopReason.SHUTDOWN),
            What.STOP_ELSEWHERE: self._stop_elsewhere,
            What.WINDOW_CLOSES: lambda: setattr(self._doors, "shut", True),
            What.CARD_OUT: lambda: self.bench.card.end(StopReason.CARD_REMOVED),
            What.CARD_EXPIRES: lambda: self.bench.card.end(StopReason.CARD_EXPIRED),
            What.OTHER_CARD: self.bench.card.sign_in,
            What.SLEEP: lambda: self.bench.clock.advance(incident.seconds),
            What.CLOCK_SET: lambda: self._set_clock(incident.seconds),
            What.EDIT: lambda: self._edit(incident.ref, incident.detail),
            What.REMOTE_EDIT: lambda: self._edit_elsewhere(incident.ref, Permission(incident.detail)),
            What.SECOND_PRESS: self._press_elsewhere,
            What.TAKEOVER: lambda: self._take_over(Action(incident.detail)),
        }[incident.what]()

    def _stop_elsewhere(self) -> None:
        latest = self.bench.queries.latest_run(FAMILY)
        if latest is not None:
            SqlMigrationStore(self.bench.database).request_stop(latest.run_id, "another copy", self.bench.clock.now())

    def _set_clock(self, seconds: float) -> None:
        self.judge.clock_was_put_on |= seconds > 0
        self.bench.clock.jump(seconds)

    def _edit(self, ref: str, name: str) -> None:
        self._edits += 1
        self.judge.edited.add(ref)
        if name in OBJECTS:
            self.bench.objected.add(ref)
        EDITS[name](self.bench, ref, FIRST_EDIT_ON + timedelta(days=self._edits))

    def _edit_elsewhere(self, ref: str, permission: Permission) -> None:
        self.bench.changed_elsewhere.add(ref)
        self.bench.spine.holdings[self.bench.numbers[ref]].permission = permission

    def _press_elsewhere(self) -> None:
        """Row 36: refused at once while somebody is at work; nobody presses where nobody is, or has lost the lock."""
        if self.bench.lock.held_here and not self._lost_lock:
            lock = databases.lock_of(self.bench.database, self.bench.clock, "BACK-OFFICE")
            with self._elsewhere(lock):
                try:
                    self.bench.press(Action.RERUN)
                except Refused:
                    return
            raise AssertionError("a second workstation was let in")

    def _take_over(self, action: Action) -> None:
        """Row 37: the lock was lost, and the one that held it knows nothing of it."""
        if not self.bench.lock.held_here or self._taken_over:
            return
        bench = self.bench
        self._lost_lock = True
        lost = databases.lock_that_was_lost(bench.database, bench.clock, "BACK-OFFICE")
        with self._elsewhere(lost), suppress(Refused):
            self.bench.press(action)
            self._taken_over = True

    @contextmanager
    def _elsewhere(self, lock: Any) -> Iterator[None]:
        bench = self.bench
        kept = bench.store, bench.service, bench.lock, bench.board, bench.spine.always
        bench.store, bench.service = SqlMigrationStore(bench.database), bench.spine
        bench.lock, bench.spine.always = lock, None
        try:
            yield
        finally:
            bench.store, bench.service, bench.lock, bench.board, bench.spine.always = kept

    def refs(self) -> list[str]:
        """Everybody on the practice's list as it stands; a backup may not know the latest."""
        return [row.patient_ref for row in self.bench.rows(select(patient.c.patient_ref).order_by(patient.c.id))]

    def may_import(self) -> bool:
        """Whether a newer list is taken: not while a run is unfinished."""
        latest = self.bench.queries.latest_run(FAMILY)
        return latest is None or not latest.status.is_open

    def registers(self, person: Person) -> None:
        """Somebody comes new to the practice, known to the Spine too."""
        self.log.append(str(person))
        self.went_through = False
        self.judge.edited.add(person.ref)
        self.bench.add(person)

    # --- backups ----------------------------------------------------------------------------------------------------

    def back_up(self) -> None:
        """Make a backup."""
        self.log.append("backup")
        self._backups.append(self.bench.database.back_up(self.bench.database.backups))

    @property
    def backups(self) -> int:
        """How many there are."""
        return len(self._backups)

    def restore(self, which: int) -> None:
        """Put a backup in the place of the practice; the program is started anew."""
        if databases.under_test is databases.Kind.POSTGRESQL:
            return  # a server's own backup is what is restored there
        self.log.append(f"restore {which}")
        bench, self.went_through = self.bench, False
        path = bench.database.path
        bench.database.close()
        restore_backup(self._backups[which], path, clock=bench.clock, actor="tester")
        bench.work_on(PracticeDatabase.open(path, clock=bench.clock, check=False))
        bench.board = Board()
        known = {row.correlation_id for row in bench.rows(select(attempt.c.correlation_id))}
        bench.forgotten |= {call.correlation_id for call in bench.spine.sends()} - known
        self.judge.edited = set(bench.numbers)

    def start_program(self) -> None:
        """The program is started: what was left open is closed."""
        self.log.append("start")
        self.bench.operator().recover(FAMILY)

    # --- the end ----------------------------------------------------------------------------------------------------

    def finish(self, *, anew: bool) -> None:
        """Everything is put right, and staff go on until all is done: with Resume, or `anew` from the first patient.

        After a pass from the first patient everybody is as the decision table says.
        """
        self.bench.clock.advance(LONGEST_LATE)
        self.bench.card.sign_in()
        self.start_program()
        if not anew:
            self._go_on()
            return
        foreseen = foresee(self.bench)
        self.press(Action.RERUN if self.bench.queries.latest_run(FAMILY) else Action.RUN)
        self._go_on()
        check_as_foreseen(self.bench, foreseen)

    def _go_on(self) -> None:
        """Resume what is paused, then try the failed again as long as that helps somebody."""
        latest = self.bench.queries.latest_run(FAMILY)
        if latest is not None and latest.status is RunStatus.STOPPED:
            latest = self.press(Action.RESUME)
        failed = None
        while latest is not None and latest.counts.failed not in {0, failed}:
            failed = latest.counts.failed
            latest = self.press(Action.FAILED)
        assert latest is None or latest.status is RunStatus.COMPLETED
        self.judge.check(trail=True)
