"""What can come in the way of an execution, and at which moment of it.

A moment is just before or after a write of the program, or just after an answer of the Spine. Just before a request is
too late for anything but a death, and once an attempt is written nobody looks at the record again: no program can look
at the world and send at the same instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.engine.ports import MigrationStore
from app.engine.rows import Change
from app.engine.spine_port import MessageIds, SpineAnswer, SpineConnection, SpineService
from tests.helpers.bench import Bench
from tests.helpers.failing_store import WRITES, Killed
from tests.helpers.practice import clinician_adds, clinician_deletes, reception_changes


class What(StrEnum):
    """What happens."""

    DEATH = "the program dies"
    STOP = "Stop is pressed"
    CLOSE = "the window is closed"
    STOP_ELSEWHERE = "Stop is pressed in another copy"
    WINDOW_CLOSES = "the stop time is reached"
    CARD_OUT = "the card is taken out"
    CARD_EXPIRES = "the session ends"
    OTHER_CARD = "the card is put in anew"
    SLEEP = "the computer sleeps"
    CLOCK_SET = "the clock is set"
    EDIT = "the record is changed"
    REMOTE_EDIT = "the permission is changed elsewhere"
    SECOND_PRESS = "Run is pressed on another workstation"
    TAKEOVER = "another workstation takes over from a frozen one"


@dataclass(frozen=True)
class Incident:
    """Something that happens at the so-manyeth moment. `detail` says how: an edit, a permission, an action.

    `ref` is whose record it is about, `seconds` how long a sleep lasts or how far a clock is put.
    """

    what: What
    at: int = 0
    ref: str = ""
    detail: str = ""
    seconds: float = 0.0


PAST_LOOKING = frozenset({What.EDIT, What.TAKEOVER})
"""What is looked for when an attempt is written, and not again before its first byte."""


class Moments:
    """Lets incidents happen in their turn; a moment that will not do puts them off to the next."""

    def __init__(self, incidents: Sequence[Incident], happens: Callable[[Incident], None]) -> None:
        self._waiting = sorted(incidents, key=lambda incident: incident.at)
        self._happens = happens
        self._count = 0
        self._busy = False
        self._about_to_leave: set[str] = set()
        self.died = False

    def check_alive(self) -> None:
        """The dead do nothing."""
        if self.died:
            raise Killed

    def pass_one(self, *, too_late: bool = False) -> None:
        """A moment has come; `too_late` for anything but a death."""
        self.check_alive()
        if self._busy:
            # What an incident does is no part of the execution.
            return
        self._count += 1
        while self._waiting and self._waiting[0].at < self._count and self._may_happen(self._waiting[0], too_late):
            incident = self._waiting.pop(0)
            if incident.what is What.DEATH:
                self.died = True
                raise Killed
            self._busy = True
            try:
                self._happens(incident)
            finally:
                self._busy = False

    def _may_happen(self, incident: Incident, too_late: bool) -> bool:
        if incident.what is What.DEATH:
            return True
        return not too_late and not (self._about_to_leave and incident.what in PAST_LOOKING)

    def wrote(self, changes: Sequence[Change], results: Sequence[bool]) -> None:
        """These changes are committed, or were stale."""
        for change, result in zip(changes, results, strict=True):
            if result and change.new_attempt is not None:
                self._about_to_leave.add(change.new_attempt.correlation_id)
            if change.attempt_end is not None:
                self._about_to_leave.discard(change.attempt_end.correlation_id)

    def left(self, correlation_id: str) -> None:
        """This attempt is on the wire."""
        self._about_to_leave.discard(correlation_id)

    def store(self, store: MigrationStore) -> Any:
        """This store, with a moment before and after every write."""
        return _WatchedStore(store, self)

    def service(self, service: SpineService) -> SpineService:
        """This Spine, with a moment before and after every exchange."""
        return _WatchedService(service, self)


class _WatchedStore:
    def __init__(self, store: MigrationStore, moments: Moments) -> None:
        self._store = store
        self._moments = moments

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._store, name)

        def watched(*arguments: Any) -> Any:
            self._moments.check_alive()
            if name not in WRITES:
                return call(*arguments)
            self._moments.pass_one()
            result = call(*arguments)
            if name == "commit":
                self._moments.wrote(arguments[1], result)
            self._moments.pass_one()
            return result

        return watched


class _WatchedService:
    def __init__(self, service: SpineService, moments: Moments) -> None:
        self._service = service
        self._moments = moments

    def connect(self, session_id: str) -> SpineConnection:
        return _WatchedConnection(self._service.connect(session_id), self._moments)


class _WatchedConnection:
    def __init__(self, connection: SpineConnection, moments: Moments) -> None:
        self._connection = connection
        self._moments = moments

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        return self._between(lambda: self._connection.read_consent(nhs_number, ids))

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self._moments.left(ids.correlation_id)
        return self._between(lambda: self._connection.send_dissent(nhs_number, ids))

    def abort(self) -> None:
        self._connection.abort()

    def close(self) -> None:
        self._connection.close()

    def _between(self, exchange: Callable[[], SpineAnswer]) -> SpineAnswer:
        self._moments.pass_one(too_late=True)
        answer = exchange()
        self._moments.pass_one()
        return answer


class Doors:
    """The hours in which messages may be sent, until they are shut."""

    def __init__(self) -> None:
        self.shut = False

    def closed(self) -> bool:
        return self.shut


Edit = Callable[[Bench, str, date], None]


def _adds(code: str) -> Edit:
    return lambda bench, ref, day: clinician_adds(bench.database, ref, code, day)


def _changes(**columns: object) -> Edit:
    return lambda bench, ref, _: reception_changes(bench.database, ref, **columns)


def _withdraws(bench: Bench, ref: str, _day: date) -> None:
    for code in ("9Ndo.", "93C3."):
        clinician_deletes(bench.database, ref, code)


def _gives_number_back(bench: Bench, ref: str, _day: date) -> None:
    reception_changes(bench.database, ref, nhs_number=bench.numbers[ref])


OBJECTS = frozenset({"objects", "objects by the old term"})
EDITS: Mapping[str, Edit] = {
    "objects": _adds("9Ndo."),
    "objects by the old term": _adds("93C3."),
    "consents": _adds("9Ndn."),
    "withdraws": _withdraws,
    "leaves": _changes(registration="transferred_out"),
    "is registered": _changes(registration="permanent"),
    "applies": _changes(registration="applied"),
    "record is opened": _changes(record_in_use=True),
    "record is closed": _changes(record_in_use=False),
    "is not linked": _changes(pds_linked=False),
    "is linked": _changes(pds_linked=True),
    "number is taken away": _changes(nhs_number=None),
    "number is given back": _gives_number_back,
}
"""What clinicians and reception do to a record, by name."""
