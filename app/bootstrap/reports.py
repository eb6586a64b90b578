"""Lists of a run's patients taken out of the practice database, for the window and the commands alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.bootstrap.product import PracticeFiles
from app.clock import Clock
from app.engine.lists import ListDefinition, ListQuery, OfRun, PatientLine, every_line
from app.engine.long_work import Progress, nobody_waits
from app.storage import audit
from app.storage.patient_lists import SqlPatientLists


@contextmanager
def lines_of_run(
    files: PracticeFiles,
    run_id: int,
    definition: ListDefinition,
    *,
    actor: str,
    clock: Clock,
    progress: Progress = nobody_waits,
) -> Iterator[Iterator[PatientLine]]:
    """The rows of a list as they stand at one moment, whatever a live run goes on to change.

    That `actor` took them is in the audit trail before the first of them is given out. Whether they may is for the
    caller to settle. Raises `StorageFault` and `Cancelled`.
    """
    query = ListQuery(OfRun(run_id, definition))
    with files.database.copied(progress) as copy:
        lists = SqlPatientLists(copy)
        detail = f"{definition.key}, {lists.count(query)} patients"
        taken = audit.AuditEvent(clock.now(), actor, audit.AuditAction.REPORT_TAKEN, run_id=run_id, detail=detail)
        audit.record(files.database, taken)
        yield every_line(lists, query)
