"""The ports to the practice database, its lock and the card: what the engine, the screen and the commands may ask.

Adapters implement them; nobody below this package is known here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.session import CardSession
from app.domain.states import RunStatus, StopReason
from app.engine.rows import Change, Counts, ExecutionKey, Scope, Tally, WorkItem
from app.engine.schedule_rows import Timing


class Fenced(Exception):
    """Another execution has taken over: this one may write nothing more and must send nothing more."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to begin: its cohort is every active patient now, or those of one group."""

    family: str
    group: str | None
    scheduled_run: int | None = None
    """The run that was scheduled and is to begin now, instead of a new one."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who an execution works under, for its row and the audit trail."""

    name: str
    card_uid: str
    role_id: str
    role_name: str
    session_id: str
    workstation: str


def actor_words(name: str, role_name: str, card_uid: str) -> str:
    """The person, the role and the card, in the one form of the audit trail."""
    return f"{name} ({role_name}, card {card_uid})"


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as the screen and the commands show it. Times are UTC; `ended_at` is None while it is open.

    `stop_requested` tells a stop that a live execution has not yet honoured; `last_begun_at` is when somebody began to
    work on it last.
    """

    run_id: int
    family: str
    status: RunStatus
    stop_reason: StopReason | None
    stop_detail: str
    group: str | None
    counts: Counts
    reads: int
    writes: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    operator: str
    workstation: str
    stop_requested: bool
    last_begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupView:
    """A saved patient group: its members, and how many of them are active and so would be scanned."""

    name: str
    members: int
    active: int


class RunQueries(Protocol):
    """Read-only questions for the screen, the commands and the operator; each is short."""

    def latest_run(self, family: str) -> RunView | None:
        """The newest run of a family; one that was given up before anybody worked on it is passed over."""

    def run(self, run_id: int) -> RunView | None:
        """One run."""

    def active_count(self, group: str | None = None) -> int:
        """How many patients a run begun now would scan. Raises `Refused` for an unknown group."""

    def groups(self) -> list[GroupView]:
        """The saved groups, by name."""

    def patient_count(self) -> int:
        """How many patients the database holds."""


class MigrationStore(Protocol):
    """The writer of the run tables; used by one thread at a time. Raises `StorageFault` when the database fails."""

    def begin_run(self, new: NewRun, operator: Operator, now: datetime) -> int:
        """Abandon an unfinished run of the family if there is one, make a new one and freeze its cohort.

        Local dissent first, then patient id. Returns the run's id. A scheduled run begins as it is, with the cohort of
        this moment. Raises `Refused` for an unknown or empty group, when no patient is active, and when the run is
        not scheduled any more.
        """

    def begin_execution(
        self,
        run_id: int,
        operator: Operator,
        scope: Scope,
        settle: timedelta,
        now: datetime,
        timing: Timing | None = None,
    ) -> ExecutionKey:
        """Open an execution under a new epoch and mark the run running.

        Its timing becomes true with it: a due occurrence is recorded as begun, new times are kept with the run, and
        without any whatever was scheduled is at an end. Raises `Refused` for an occurrence that was begun before or
        whose schedule is not active any more.

        An execution found open is closed as interrupted. Attempts found without an end make their messages unknown.
        Every sending item goes on the waiting list: with an unknown message it is due `settle` after the latest
        attempt started, with a prepared one at once. Waiting times further off than an hour (a clock that was put
        back) are brought forward to now. An earlier wish to stop is forgotten. Raises `Fenced` when the run was
        abandoned meanwhile.
        """

    def end_execution(
        self, key: ExecutionKey, status: RunStatus, reason: StopReason | None, detail: str, tally: Tally, now: datetime
    ) -> None:
        """Close the execution and set the run's status; once complete its schedule is at an end. Raises `Fenced`."""

    def recover(self, family: str, now: datetime) -> bool:
        """Close an execution that a dead program left open (the caller holds the lock); whether there was one."""

    def fresh_items(self, key: ExecutionKey, scope: Scope, after: int, limit: int) -> list[WorkItem]:
        """The next items of this scope beyond a sequence number that are not on the waiting list, in order.

        `UNPROCESSED`: unprocessed items. `FAILED`: those that had failed when this execution began.
        """

    def due_items(
        self, key: ExecutionKey, scope: Scope, now: datetime, in_hand: Collection[int], limit: int
    ) -> list[WorkItem]:
        """Items on the waiting list whose time has come, the longest due first; they stay listed until changed.

        `UNPROCESSED`: unprocessed and sending items. `FAILED`: failed items, and others this execution has touched.
        """

    def items(self, key: ExecutionKey, item_ids: Collection[int]) -> list[WorkItem]:
        """These items, read anew."""

    def next_due_at(self, key: ExecutionKey, scope: Scope, in_hand: Collection[int]) -> datetime | None:
        """When the next item on the waiting list comes due, leaving out those in hand; None when there is none."""

    def leftover_items(self, key: ExecutionKey, scope: Scope, limit: int) -> list[WorkItem]:
        """Items still unprocessed or sending and not on the waiting list, when nothing more can be tried.

        `FAILED`: only those this execution has touched.
        """

    def commit(self, key: ExecutionKey, changes: Sequence[Change], tally: Tally) -> list[bool]:
        """Make these changes true in one transaction; for each, whether it was (False: stale, nothing written).

        Raises `Fenced` when the epoch is no longer this execution's.
        """

    def note_clock_jump(self, key: ExecutionKey, expected: datetime, found: datetime) -> None:
        """Tell the audit trail that the clock went from one instant to another at once.

        Raises `Fenced` when the epoch is no longer this execution's.
        """

    def counts(self, run_id: int) -> Counts:
        """The five counters, from the rows."""

    def stop_requested(self, run_id: int) -> bool:
        """Whether somebody asked this run to stop through the database."""

    def request_stop(self, run_id: int, who: str, now: datetime) -> None:
        """Leave the wish to stop where an execution that is live in another copy of the program finds it."""


class PracticeLock(Protocol):
    """Proof that nobody else works on this practice database: held by the living, freed by the system on death."""

    def acquire(self, who: str) -> None:
        """Take the lock at once, or raise `Refused` naming who holds it, where and since when."""

    def release(self) -> None:
        """Give it back."""

    @property
    def held_here(self) -> bool:
        """Whether this copy of the program holds it."""

    def holder(self) -> str | None:
        """Who holds it elsewhere, where and since when, in words; None when it is free or ours."""


class SignedIn(Protocol):
    """The card session as a run depends on it. `current` and `ended_because` answer at once, from any thread."""

    def current(self) -> CardSession | None:
        """The session, or None when nobody is signed in."""

    def ended_because(self) -> StopReason | None:
        """Why there is no usable session (card removed, expired), None while there is one."""

    def confirm_rights(self) -> None:
        """Ask the sign-in service what the session's role may do now, which `current` tells from then on.

        Where it cannot be reached what it said last stands; where it refuses, the session is over. Waits for it.
        """


@dataclass(frozen=True, slots=True)
class InsertedCard:
    """The card in the reader. `tries_left` counts wrong passcodes down; at 0 the card is locked."""

    uid: str
    tries_left: int

    @property
    def is_locked(self) -> bool:
        """Whether no passcode is accepted any more."""
        return self.tries_left == 0


class CardReader(SignedIn, Protocol):
    """The Smartcard reader and the sign-in behind it.

    `card` answers at once; the others may take as long as the network does. A reader of real cards is told by its
    hardware when one goes in or out; for a simulated one the screen says so by `insert` and `remove_card`.
    """

    def card(self) -> InsertedCard | None:
        """The card in the reader, None for an empty one. It may be in without anybody being signed in."""

    def insert(self, card_uid: str) -> None:
        """Put this card in. Another one, and its session, are removed first; the same one stays as it is."""

    def sign_in(self, passcode: str, role_id: str | None = None) -> CardSession:
        """Open a session with the card in the reader, in one of its roles; it takes the place of an earlier one.

        Raises `SignInRefused` (no card, passcode, locked, expired), `SignInUnreachable`, and `RoleChoiceNeeded` with
        the card's roles when it has several and none was named: `choose_role` then goes on.
        """

    def choose_role(self, role_id: str) -> CardSession:
        """Finish a sign-in that needed a choice of role. Raises `SignInRefused` when there is none to finish."""

    def remove_card(self) -> None:
        """Take the card out: its tokens are revoked where the service can be reached, and forgotten in any case."""
