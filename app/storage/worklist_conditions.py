"""Which patients a worklist holds, as conditions in SQL on the patient: over all runs, as things stand now.

A mark hides a patient from the worklist it was made on until there is a newer finding about that patient: for what is
in the record another version of it, for what a run or a look found another outcome or another look, for what compares
the two either. The numbers of the audit trail and of executions tell what is newer, for clocks can be set.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, FromClause, Text, and_, exists, func, true, type_coerce

from app.domain.terms import TERMS
from app.engine.lists import OfWorklist, Worklist
from app.storage.audit import AuditAction
from app.storage.latest_outcomes import IS_ACTIVE, WITH_LATEST_OUTCOME, is_last_failed, with_dissent_on_spine
from app.storage.list_conditions import dissent_not_sent, with_counting_dissent, with_future_term, with_several_terms
from app.storage.tables import audit_event, consent_entry, item, patient, worklist_mark

_OF_THE_RECORD = frozenset(
    {Worklist.SEVERAL_TERMS, Worklist.FUTURE_DATED, Worklist.MISMATCH, Worklist.DISSENT_NOT_SENT}
)
_OF_RUNS = frozenset({Worklist.FAILED, Worklist.MISMATCH, Worklist.DISSENT_NOT_SENT})
_FINDINGS = (AuditAction.OUTCOME, AuditAction.SPINE_CHECKED, AuditAction.DISSENT_READ_BACK)


def rows_of_worklist(source: OfWorklist, *, with_outcome: bool) -> FromClause:
    """The patients a worklist is looked for among, with the items of their latest outcomes where these are needed.

    Those who failed are found from their items, which are few as a rule, however long the practice's list is.
    """
    if source.worklist is Worklist.FAILED:
        return item.join(patient)
    return WITH_LATEST_OUTCOME if with_outcome else patient


def on_worklist(source: OfWorklist, today: date) -> Iterator[ColumnElement[bool]]:
    """The conditions of a worklist on the rows of `rows_of_worklist`. `today` is the date in England."""
    yield from found_for(source, today)
    yield marked_as(source, today)


def found_for(source: OfWorklist, today: date) -> Iterator[ColumnElement[bool]]:
    """The same, whatever staff have marked."""
    yield IS_ACTIVE
    yield _belongs(source.worklist, today)
    if source.reason is not None:
        yield item.c.reason == source.reason


def marked_as(source: OfWorklist, today: date) -> ColumnElement[bool]:
    """Whether the patient is dealt with, or is not, as the worklist asks; a condition on the patient alone."""
    dealt_with = exists().where(
        worklist_mark.c.patient_id == patient.c.id,
        worklist_mark.c.worklist == source.worklist,
        worklist_mark.c.dealt_with,
        mark_counts(source.worklist, today),
    )
    return dealt_with if source.dealt_with else ~dealt_with


def mark_counts(worklist: Worklist, today: date) -> ColumnElement[bool]:
    """Whether a patient's mark on this worklist is newer than everything found about the patient.

    A preference whose date has come since is a finding too: what was dated in the future counts by now.
    """
    unchanged = worklist_mark.c.consent_version == patient.c.consent_version if worklist in _OF_THE_RECORD else true()
    if worklist not in _OF_RUNS:
        return unchanged
    told = exists().where(
        audit_event.c.patient_id == worklist_mark.c.patient_id,
        audit_event.c.number > worklist_mark.c.audit_number,
        audit_event.c.action.in_(_FINDINGS),
    )
    touched = item.alias("touched")
    taken_up = exists().where(
        touched.c.patient_id == worklist_mark.c.patient_id,
        touched.c.execution_id > worklist_mark.c.after_execution,
    )
    if worklist in _OF_THE_RECORD:
        unchanged = and_(unchanged, ~_has_come_into_force(today))
    return and_(unchanged, ~told, ~taken_up)


def _has_come_into_force(today: date) -> ColumnElement[bool]:
    """Whether a consent term counts today that was dated after the day of the mark, by UTC."""
    marked_on = func.substr(type_coerce(worklist_mark.c.marked_at, Text), 1, len("yyyy-mm-dd"))
    return exists().where(
        consent_entry.c.patient_id == worklist_mark.c.patient_id,
        consent_entry.c.code.in_(sorted(TERMS)),
        consent_entry.c.event_date <= today,
        type_coerce(consent_entry.c.event_date, Text) > marked_on,
    )


def _belongs(worklist: Worklist, today: date) -> ColumnElement[bool]:
    if worklist is Worklist.DISSENT_NOT_SENT:
        return dissent_not_sent(patient.c.id, today)
    if worklist is Worklist.MISMATCH:
        return and_(
            patient.c.id.in_(with_dissent_on_spine()),
            patient.c.id.not_in(with_counting_dissent(today)),
        )
    if worklist is Worklist.FAILED:
        return is_last_failed()
    of_record = with_several_terms() if worklist is Worklist.SEVERAL_TERMS else with_future_term(today)
    return patient.c.id.in_(of_record)
