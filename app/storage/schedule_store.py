"""Where schedules are kept (`ScheduleStore`): each call one transaction or one short look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.engine.schedule_rows import (
    ActiveSchedule,
    NewSchedule,
    OccurrenceView,
    ScheduledBy,
    ScheduleEnd,
    ScheduleView,
    Settled,
)
from app.storage import schedules
from app.storage.audit import append, clock_jumped
from app.storage.database import PracticeDatabase
from app.storage.tables import occurrence, schedule_window


class SqlScheduleStore:
    """`ScheduleStore` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def active(self) -> ActiveSchedule | None:
        """The active schedule, or None."""
        with self._database.reading() as connection:
            return schedules.active(connection)

    def latest(self) -> ScheduleView | None:
        """The newest schedule, active or not."""
        query = select(schedule_window).order_by(schedule_window.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else schedules.view_of(row)

    def add(self, new: NewSchedule, by: ScheduledBy, now: datetime) -> ScheduleView:
        """Keep a schedule; see the port."""
        with self._database.writing() as connection:
            return schedules.add(connection, new, by, now)

    def end(self, schedule_id: int, end: ScheduleEnd, actor: str, now: datetime) -> bool:
        """End an active schedule; see the port."""
        with self._database.writing() as connection:
            held = schedules.active_row(connection)
            if held is None or held.id != schedule_id:
                return False
            schedules.end_schedule(connection, held, end, actor, now)
            return True

    def record(self, schedule_id: int, settled: Sequence[Settled], now: datetime) -> list[Settled]:
        """Write down what was not begun; see the port."""
        with self._database.writing() as connection:
            return schedules.record(connection, schedule_id, settled, now)

    def history(self, limit: int) -> list[OccurrenceView]:
        """The latest occurrences of any schedule, newest first."""
        set_with = (schedule_window.c.action, schedule_window.c.created_by)
        latest_first = (occurrence.c.planned_at.desc(), occurrence.c.id.desc())
        query = select(occurrence, *set_with).join(schedule_window).order_by(*latest_first).limit(limit)
        with self._database.reading() as connection:
            return [
                OccurrenceView(
                    row.window_id,
                    row.kind,
                    row.planned_at,
                    row.outcome,
                    row.why,
                    row.detail,
                    row.recorded_at,
                    row.action,
                    row.created_by,
                )
                for row in connection.execute(query)
            ]

    def note_clock_jump(self, expected: datetime, found: datetime) -> None:
        """Tell the audit trail of a clock that was set while nothing was running."""
        with self._database.writing() as connection:
            append(connection, [clock_jumped(expected, found)])
