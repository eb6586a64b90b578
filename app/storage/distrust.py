"""A practice that stands as it once stood: nothing is believed of messages that were not settled then (faults, row 47).

An older state cannot know what was sent after it: every message it shows as unsettled, prepared ones too, is to be read
back before it is sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from app.domain.states import UNSETTLED_INTENTS, IntentState
from app.engine.schedule_rows import ScheduleEnd
from app.engine.spine_port import AnswerKind
from app.storage import schedules
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.tables import attempt, audit_event, intent, meta


def distrust(connection: Connection, now: datetime, actor: str) -> int:
    """Mark within the open transaction what must be read back, under a new epoch; returns how many messages."""
    unsettled = intent.c.state.in_(sorted(UNSETTLED_INTENTS))
    count = connection.execute(select(func.count()).where(unsettled)).scalar_one()
    # The last that the backup knows of. What became unsettled only now, at the restore, may have been sent until now.
    latest = select(audit_event.c.at).order_by(audit_event.c.number.desc()).limit(1)
    made_at = connection.execute(latest).scalar_one()
    connection.execute(
        update(attempt)
        .where(attempt.c.ended_at.is_(None))
        .values(
            ended_at=made_at, answer_class=AnswerKind.UNKNOWN, spine_text="The backup was made before the answer came."
        )
    )
    # Outside the table of transitions, on purpose: a running program never comes from prepared to unknown, because it
    # knows what it sent; a backup does not.
    connection.execute(update(intent).where(unsettled).values(state=IntentState.UNKNOWN, changed_at=now))
    connection.execute(update(meta).values(epoch=meta.c.epoch + 1))
    # Nothing begins by itself on a list of another day: a person looks at it first.
    schedules.end_active(connection, ScheduleEnd.CANCELLED, actor, now)
    append(connection, [AuditEvent(now, actor, AuditAction.RESTORED, detail=f"{count} messages to read back")])
    return count
