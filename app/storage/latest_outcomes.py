"""What is known of each patient over all runs: the latest outcome, and whether the Spine is known to hold a dissent.

For worklists, reports and whatever else looks beyond one run. An outcome is what a run has come to with a patient: one
who is unprocessed or sending in a later run still has the outcome of the run before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, select

from app.domain.decision import Permission
from app.domain.outcomes import ItemState
from app.domain.patient import ACTIVE_STATUSES
from app.storage.columns import AnySelect
from app.storage.tables import FAILED_WORD, item, patient, spine_check, tells_of_dissent

OUTCOMES = (ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED)

IS_ACTIVE: ColumnElement[bool] = patient.c.registration.in_(sorted(ACTIVE_STATUSES))
"""Whether a patient would be scanned by a run begun now."""

_own = item.alias("own")
# Items of a later run have higher ids, and Failed takes up the latest run alone.
_LATEST_ID = (
    select(func.max(_own.c.id))
    .where(_own.c.patient_id == patient.c.id, _own.c.state.in_(OUTCOMES))
    .correlate(patient)
    .scalar_subquery()
)

WITH_LATEST_OUTCOME: FromClause = patient.outerjoin(item, item.c.id == _LATEST_ID)
"""Every patient with the item of the latest outcome; the item's columns are empty where no run came to any."""


def latest_outcomes(*columns: Any) -> AnySelect:
    """These columns of every active patient and of the item with the latest outcome over all runs, in no order.

    One row a patient. Columns of `item` are None for a patient with whom no run has come to an outcome yet.
    """
    return select(*columns).select_from(WITH_LATEST_OUTCOME).where(IS_ACTIVE)


def is_last_failed() -> ColumnElement[bool]:
    """Whether an item is its patient's latest outcome over all runs, and that is Failed."""
    later = item.alias("later")
    newer = exists().where(later.c.patient_id == item.c.patient_id, later.c.id > item.c.id, later.c.state.in_(OUTCOMES))
    return and_(item.c.state == FAILED_WORD, ~newer)


def with_dissent_on_spine() -> AnySelect:
    """The ids of the patients of whom the latest that was told about them is that the Spine holds a dissent.

    Told by a run (sent, or read there) or by a look at one patient, under the NHS number that the patient has now.
    An answer that tells nothing leaves what was told before.
    """
    told, whose, looked = item.alias("told"), patient.alias("whose"), spine_check.alias("looked")
    by_run = (
        select(told.c.patient_id)
        .select_from(told.join(whose, whose.c.id == told.c.patient_id))
        .where(
            tells_of_dissent(told),
            told.c.execution_id > whose.c.number_since,
            ~_told_otherwise(told.c.patient_id, lambda later: later.c.id > told.c.id),
            ~exists().where(
                looked.c.patient_id == told.c.patient_id,
                looked.c.nhs_number == whose.c.nhs_number,
                looked.c.permission.in_((Permission.ASK, Permission.YES)),
                looked.c.after_execution >= told.c.execution_id,
            ),
        )
    )
    check = spine_check.alias("check_told")
    by_look = (
        select(check.c.patient_id)
        .select_from(check.join(whose, whose.c.id == check.c.patient_id))
        .where(
            check.c.permission == Permission.NO,
            check.c.nhs_number == whose.c.nhs_number,
            ~_told_otherwise(
                check.c.patient_id,
                lambda later: and_(
                    later.c.execution_id > check.c.after_execution, later.c.execution_id > whose.c.number_since
                ),
            ),
        )
    )
    return select(by_run.union(by_look).subquery().c.patient_id)


def _told_otherwise(
    patient_id: ColumnElement[int], is_later: Callable[[FromClause], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Whether a later item shows that the Spine holds no dissent of this patient (any more)."""
    later = item.alias("later")
    return exists().where(
        later.c.patient_id == patient_id,
        is_later(later),
        later.c.permission_before.in_((Permission.ASK, Permission.YES)),
        ~func.coalesce(tells_of_dissent(later), False),
    )
