"""The audit trail: numbered events, each sealed with a hash over itself and the one before, never changed.

Events are written in the transaction of what they tell, so there is no change without its event. Patients appear by
the database's own id only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, insert, select, update

from app.engine.audit_trail import AuditAction as AuditAction
from app.engine.audit_trail import Damage, TrailVerdict
from app.engine.long_work import Progress, nobody_waits
from app.storage.columns import utc_text
from app.storage.tables import audit_event, meta

if TYPE_CHECKING:
    from app.storage.database import PracticeDatabase

PROGRAM = "the program"
"""The actor of what nobody pressed a button for."""

_PAGE = 2000


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event: who did what when, to which patient, from what to what. `action` is a fixed snake_case word."""

    at: datetime
    actor: str
    action: str
    run_id: int | None = None
    patient_id: int | None = None
    request_id: str | None = None
    before: str | None = None
    after: str | None = None
    detail: str = ""


_END = select(meta.c.audit_number, meta.c.audit_hash)
_ADD = insert(audit_event)
_MOVE_END = update(meta).values(audit_number=bindparam("number"), audit_hash=bindparam("seal"))


def append(connection: Connection, events: Sequence[AuditEvent]) -> None:
    """Add events to the end of the trail, within the open writing transaction."""
    if not events:
        return
    number, seal = connection.execute(_END).one()
    rows: list[dict[str, Any]] = []
    for event in events:
        number += 1
        seal = _seal(seal, number, event)
        rows.append(
            {
                "number": number,
                "at": event.at,
                "actor": event.actor,
                "action": event.action,
                "run_id": event.run_id,
                "patient_id": event.patient_id,
                "request_id": event.request_id,
                "before": event.before,
                "after": event.after,
                "detail": event.detail,
                "hash": seal,
            }
        )
    connection.execute(_ADD, rows)
    connection.execute(_MOVE_END, {"number": number, "seal": seal})


def clock_jumped(expected: datetime, found: datetime, run_id: int | None = None) -> AuditEvent:
    """The event of a clock that was set, or of a computer that slept."""
    seconds = (found - expected).total_seconds()
    detail = f"{abs(seconds):,.0f} seconds {'forward' if seconds > 0 else 'back'}"
    before, after = utc_text(expected), utc_text(found)
    return AuditEvent(found, PROGRAM, AuditAction.CLOCK_JUMPED, run_id, before=before, after=after, detail=detail)


def record(database: PracticeDatabase, event: AuditEvent) -> None:
    """Add one event in a transaction of its own: an export, a report with names, a backup."""
    with database.writing() as connection:
        append(connection, [event])


def first_broken(database: PracticeDatabase) -> int | None:
    """The number of the first event that is missing or not as it was written; None when the trail is whole."""
    return verify(database).broken_at


def verify(database: PracticeDatabase, progress: Progress = nobody_waits) -> TrailVerdict:
    """Whether every event is there and as it was written, from the first to the last.

    Goes through the trail in short reads; events added meanwhile are checked as well. Raises `Cancelled`.
    """
    return _verdict(database.reading, progress)


def verify_on(connection: Connection, progress: Progress) -> TrailVerdict:
    """The same within the transaction that is open on this connection."""
    return _verdict(lambda: nullcontext(connection), progress)


def _verdict(reading: Callable[[], AbstractContextManager[Connection]], progress: Progress) -> TrailVerdict:
    seal = ""
    expected = 1
    while True:
        with reading() as connection:
            rows = connection.execute(
                select(audit_event).where(audit_event.c.number >= expected).order_by(audit_event.c.number).limit(_PAGE)
            ).all()
            end = connection.execute(_END).one()
        for row in rows:
            number, *fields, kept = row
            seal = _seal(seal, expected, AuditEvent(*fields))
            if number != expected:
                return TrailVerdict(expected - 1, expected, Damage.MISSING)
            if seal != kept:
                return TrailVerdict(expected - 1, expected, Damage.CHANGED)
            expected += 1
        progress("Checking the audit trail", expected - 1, end[0])
        if len(rows) < _PAGE:
            whole = end == (expected - 1, seal)
            return TrailVerdict(expected - 1) if whole else TrailVerdict(expected - 1, expected, Damage.CUT_SHORT)


def _seal(previous: str, number: int, event: AuditEvent) -> str:
    """The hash of an event: SHA-256 over the previous hash and the event's fields as compact JSON, in a fixed order."""
    fields = [
        *(number, utc_text(event.at), event.actor, str(event.action), event.run_id, event.patient_id),
        *(event.request_id, event.before, event.after, event.detail),
    ]
    text = previous + json.dumps(fields, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
