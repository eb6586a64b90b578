"""A worklist taken out of the practice database, for the commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.clock import Clock
from app.engine.lists import ListQuery, every_line
from app.engine.patient_line import PatientLine
from app.engine.worklists import NAMED
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.patient_lists import SqlPatientLists


@contextmanager
def lines_of_worklist(
    database: PracticeDatabase, name: str, *, actor: str, clock: Clock
) -> Iterator[Iterator[PatientLine]]:
    """The rows of a worklist as they stand at one moment, whatever a live run goes on to change.

    That `actor` took them is in the audit trail before the first of them is given out. Whether they may is for the
    caller to settle. Raises `StorageFault`.
    """
    query = ListQuery(NAMED[name])
    with database.copied() as copy:
        lists = SqlPatientLists(copy)
        detail = f"worklist {name}, {lists.count(query)} patients"
        audit.record(database, audit.AuditEvent(clock.now(), actor, audit.AuditAction.REPORT_TAKEN, detail=detail))
        yield every_line(lists, query)
