"""One patient's story out of the rows and the audit trail (`PatientStories`): a few looks by the patient's id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from app.clock import london_date
from app.domain.patient import ConsentEntry, counting_entry
from app.domain.terms import TERMS
from app.engine.patient_line import LineOutcome
from app.engine.story import (
    Attempt,
    Happening,
    MarkNote,
    PatientStory,
    Person,
    RunStory,
    StoryEvent,
    TermLine,
)
from app.storage.change_batch import read_outcome_detail
from app.storage.columns import AnyRow
from app.storage.database import PracticeDatabase
from app.storage.patient_lists import OUTCOME_COLUMNS
from app.storage.tables import (
    attempt,
    audit_event,
    consent_entry,
    execution,
    item,
    patient,
    patient_group,
    patient_group_member,
    run,
    worklist_mark,
)

MOST_EVENTS = 500
"""More than any patient has who was not tried over and over for days; the latest are told."""


class SqlPatientStories:
    """`PatientStories` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def story(self, patient_id: int) -> PatientStory | None:
        """What is known of a patient; see the port."""
        today = london_date(self._database.clock.now())
        with self._database.reading() as connection:
            person = _person(connection, patient_id)
            if person is None:
                return None
            events, left_out = _events(connection, patient_id)
            now = _entries(connection, patient_id)
            past = _Past(now, events)
            return PatientStory(
                person=person,
                before=_terms(past.before_all, today),
                now=_terms(now, today),
                record_replaced=past.replaced,
                runs=tuple(_runs(connection, patient_id, events, past)),
                left_out=left_out,
                outside=tuple(event for run_id, event in events if run_id is None),
                marks=tuple(_marks(connection, patient_id)),
            )


def _person(connection: Connection, patient_id: int) -> Person | None:
    row = connection.execute(select(patient).where(patient.c.id == patient_id)).one_or_none()
    if row is None:
        return None
    groups = connection.execute(
        select(patient_group.c.name)
        .join(patient_group_member)
        .where(patient_group_member.c.patient_id == patient_id)
        .order_by(patient_group.c.name)
    ).scalars()
    return Person(
        patient_id=row.id,
        patient_ref=row.patient_ref,
        nhs_number=row.nhs_number,
        surname=row.surname,
        forename=row.forename,
        date_of_birth=row.date_of_birth,
        sex=row.sex,
        registration=row.registration,
        fp69=row.fp69,
        sensitive=row.sensitive,
        pds_linked=row.pds_linked,
        record_in_use=row.record_in_use,
        groups=tuple(groups),
    )


# --- the record ---------------------------------------------------------------------------------------------------


class _Entry:
    """An entry as it stands, with the wording and the author that the rules need not know."""

    def __init__(self, entry: ConsentEntry, term: str, recorded_by: str) -> None:
        self.entry = entry
        self.term = term
        self.recorded_by = recorded_by

    def with_code(self, code: str) -> _Entry:
        return _Entry(replace(self.entry, code=code), TERMS[code].wording, self.recorded_by)


def _entries(connection: Connection, patient_id: int) -> list[_Entry]:
    rows = connection.execute(
        select(
            *(consent_entry.c.id, consent_entry.c.code, consent_entry.c.event_date, consent_entry.c.recorded_at),
            *(consent_entry.c.term, consent_entry.c.recorded_by),
        )
        .where(consent_entry.c.patient_id == patient_id)
        .order_by(consent_entry.c.position)
    )
    return [_Entry(ConsentEntry(*row[:4]), row.term, row.recorded_by) for row in rows]


class _Past:
    """The record before and after each run: as it stands now, with everything undone that the trail tells of.

    `replaced` says that some of it is no longer in the record.
    """

    def __init__(self, now: Sequence[_Entry], events: Sequence[tuple[int | None, StoryEvent]]) -> None:
        self.replaced = False
        self._now = list(now)
        self._entries = {one.entry.entry_id: one for one in now}
        self._around: dict[int, tuple[list[_Entry], list[_Entry]]] = {}
        for run_id, event in reversed(events):
            standing = list(self._entries.values())
            after = self._around[run_id][1] if run_id in self._around else standing
            self._undo(event)
            if run_id is not None:
                self._around[run_id] = list(self._entries.values()), after
        self.before_all = list(self._entries.values())

    def around(self, run_id: int) -> tuple[list[_Entry], list[_Entry]]:
        """The record before and after a run; one without events left it as the next one found it."""
        if run_id in self._around:
            return self._around[run_id]
        later = min((other for other in self._around if other > run_id), default=None)
        standing = self._now if later is None else self._around[later][0]
        return standing, standing

    def _undo(self, event: StoryEvent) -> None:
        if event.what is Happening.ENTRY_CONVERTED:
            entry_id = int(event.detail.removeprefix("entry "))
            held = self._entries.get(entry_id)
            if held is not None and held.entry.code == event.after and event.before in TERMS:
                self._entries[entry_id] = held.with_code(event.before)
            else:
                self.replaced = True
        elif event.what is Happening.ENTRY_ADDED:
            # What this program adds carries the instant of the event that tells of it.
            entries = self._entries.items()
            added = (key for key, one in entries if (one.entry.code, one.entry.recorded_at) == _added(event))
            self.replaced = self._entries.pop(next(added, 0), None) is None or self.replaced


def _added(event: StoryEvent) -> tuple[Any, Any]:
    return event.after, event.at


def _terms(entries: Sequence[_Entry], today: date) -> tuple[TermLine, ...]:
    counting = counting_entry([one.entry for one in entries], today)
    return tuple(
        TermLine(
            code=one.entry.code,
            term=one.term,
            event_date=one.entry.event_date,
            recorded_at=one.entry.recorded_at,
            recorded_by=one.recorded_by,
            is_consent=one.entry.term is not None,
            is_ahead=one.entry.event_date > today,
            counts=one.entry is counting,
        )
        for one in entries
    )


# --- what happened ------------------------------------------------------------------------------------------------


def _events(connection: Connection, patient_id: int) -> tuple[list[tuple[int | None, StoryEvent]], int]:
    """The patient's events in order, each with its run, and how many earlier ones there are."""
    told = (audit_event.c.patient_id == patient_id, audit_event.c.action.in_([one.value for one in Happening]))
    total: int = connection.execute(select(func.count()).select_from(audit_event).where(*told)).scalar_one()
    latest = select(audit_event).where(*told).order_by(audit_event.c.number.desc()).limit(MOST_EVENTS)
    rows = connection.execute(latest).all()
    attempts = _attempts(connection, patient_id)
    events = [(row.run_id, _event(row, attempts)) for row in reversed(rows)]
    return events, total - len(rows)


def _event(row: AnyRow, attempts: Mapping[str, Attempt]) -> StoryEvent:
    what = Happening(row.action)
    about_attempt = what in {Happening.ATTEMPT_STARTED, Happening.ATTEMPT_ENDED}
    reason, rule = read_outcome_detail(row.detail) if what is Happening.OUTCOME else (None, None)
    return StoryEvent(
        number=row.number,
        at=row.at,
        actor=row.actor,
        what=what,
        before=row.before,
        after=row.after,
        detail=row.detail,
        request_id=row.request_id,
        attempt=attempts.get(row.detail.split(" ")[0]) if about_attempt else None,
        reason=reason,
        rule=rule,
    )


def _attempts(connection: Connection, patient_id: int) -> dict[str, Attempt]:
    """Every attempt for the patient, by its correlation id."""
    rows = connection.execute(
        select(
            *(attempt.c.correlation_id, attempt.c.started_at, attempt.c.ended_at, attempt.c.answer_class),
            *(attempt.c.http_status, attempt.c.spine_code, attempt.c.spine_text, attempt.c.reason),
        )
        .join(item)
        .where(item.c.patient_id == patient_id)
    )
    return {row.correlation_id: Attempt(*row) for row in rows}


def _runs(
    connection: Connection, patient_id: int, events: Sequence[tuple[int | None, StoryEvent]], past: _Past
) -> Iterable[RunStory]:
    by_run: dict[int | None, list[StoryEvent]] = defaultdict(list)
    for run_id, event in events:
        by_run[run_id].append(event)
    rows = connection.execute(
        select(run.c.id, run.c.family, func.coalesce(run.c.started_at, run.c.created_at), run.c.group_name, item.c.rule)
        .add_columns(*OUTCOME_COLUMNS)
        .select_from(
            item.join(run, run.c.id == item.c.run_id).outerjoin(execution, execution.c.id == item.c.execution_id)
        )
        .where(item.c.patient_id == patient_id)
        .order_by(run.c.id)
    )
    for run_id, family, begun_at, group, rule, *outcome in rows:
        then = london_date(begun_at)
        before, after = (_terms(entries, then) for entries in past.around(run_id))
        told = tuple(by_run[run_id])
        yield RunStory(run_id, family, begun_at, group, LineOutcome(*outcome), told, rule, before, after)


def _marks(connection: Connection, patient_id: int) -> Iterable[MarkNote]:
    rows = connection.execute(
        select(
            *(worklist_mark.c.worklist, worklist_mark.c.dealt_with, worklist_mark.c.note),
            *(worklist_mark.c.marked_by, worklist_mark.c.marked_at),
        )
        .where(worklist_mark.c.patient_id == patient_id)
        .order_by(worklist_mark.c.marked_at)
    )
    return [MarkNote(*row) for row in rows]
