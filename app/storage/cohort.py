"""A run's cohort: which patients it takes and in which order, frozen as rows when the run begins.

Local dissent first, then patient id. The list is never held in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, Integer, and_, func, insert, literal, select

from app.domain.errors import Refused
from app.domain.outcomes import ItemState
from app.domain.patient import ACTIVE_STATUSES, has_local_dissent
from app.storage.tables import consent_entry, is_dissent_entry, item, patient, patient_group, patient_group_member
from app.storage.work_items import load_entries

_PAGE = 1000


def group_id(connection: Connection, name: str) -> int:
    """The id of a saved group. Raises `Refused` when there is none of this name."""
    found = connection.execute(select(patient_group.c.id).where(patient_group.c.name == name)).scalar_one_or_none()
    if found is None:
        raise Refused("There is no patient group of this name. Choose one of the saved groups.")
    return int(found)


def in_cohort(connection: Connection, group: str | None) -> ColumnElement[bool]:
    """Whether a patient belongs to a cohort begun now: active, and of this group. Raises `Refused`."""
    active = patient.c.registration.in_(sorted(ACTIVE_STATUSES))
    if group is None:
        return active
    members = select(patient_group_member.c.patient_id).where(
        patient_group_member.c.group_id == group_id(connection, group)
    )
    return and_(active, patient.c.id.in_(members))


def count(connection: Connection, group: str | None) -> int:
    """How many patients a run begun now would take. Raises `Refused` for an unknown group."""
    return connection.execute(
        select(func.count()).select_from(patient).where(in_cohort(connection, group))
    ).scalar_one()


def freeze(connection: Connection, run_id: int, group: str | None, today: date) -> int:
    """Write the run's items; returns how many. `today` is the date in England.

    Raises `Refused` for an unknown group, and when nobody would be taken.
    """
    wanted = in_cohort(connection, group)
    sequence = 0
    for patient_ids in _dissenters(connection, wanted, today):
        _add_in_order(connection, run_id, patient_ids, sequence)
        sequence += len(patient_ids)
    sequence += _add_the_rest(connection, run_id, wanted, sequence)
    if sequence == 0:
        raise Refused(
            "The practice has no active patients to scan. Import the practice's list first."
            if group is None
            else "No patient of this group is active. Choose another group, or leave the group empty for everyone."
        )
    return sequence


def _dissenters(connection: Connection, wanted: ColumnElement[bool], today: date) -> Iterator[list[int]]:
    """The patients whose entry that counts is a dissent, by id, in pages."""
    last = 0
    while candidates := _with_dissent_entry(connection, last):
        last = candidates[-1]
        query = select(patient.c.id).where(patient.c.id.in_(candidates), wanted).order_by(patient.c.id)
        taken = connection.execute(query).scalars().all()
        entries = load_entries(connection, taken)
        yield [patient_id for patient_id in taken if has_local_dissent(entries[patient_id], today)]


def _with_dissent_entry(connection: Connection, after: int) -> Sequence[int]:
    query = (
        select(consent_entry.c.patient_id)
        .where(is_dissent_entry, consent_entry.c.patient_id > after)
        .distinct()
        .order_by(consent_entry.c.patient_id)
        .limit(_PAGE)
    )
    return connection.execute(query).scalars().all()


def _add_in_order(connection: Connection, run_id: int, patient_ids: Sequence[int], before: int) -> None:
    rows = [
        {"run_id": run_id, "patient_id": patient_id, "sequence": sequence, "state": ItemState.UNPROCESSED}
        for sequence, patient_id in enumerate(patient_ids, start=before + 1)
    ]
    if rows:
        connection.execute(insert(item), rows)


def _add_the_rest(connection: Connection, run_id: int, wanted: ColumnElement[bool], before: int) -> int:
    """Everybody who is wanted and not taken yet, in pages; returns how many."""
    added, last = 0, 0
    while (page := _add_page(connection, run_id, wanted, before + added, last)) > 0:
        added += page
        last = connection.execute(
            select(item.c.patient_id).where(item.c.run_id == run_id, item.c.sequence == before + added)
        ).scalar_one()
    return added


def _add_page(connection: Connection, run_id: int, wanted: ColumnElement[bool], before: int, after: int) -> int:
    # In pages, because SQLite keeps aside what a statement is to add to a table that it reads as well, in memory.
    taken = select(item.c.id).where(item.c.run_id == run_id, item.c.patient_id == patient.c.id).exists()
    page = (
        select(patient.c.id).where(wanted, ~taken, patient.c.id > after).order_by(patient.c.id).limit(_PAGE)
    ).subquery()
    rest = select(
        literal(run_id, Integer),
        page.c.id,
        literal(before, Integer) + func.row_number().over(order_by=page.c.id),
        literal(ItemState.UNPROCESSED, item.c.state.type),
        literal(False),
        literal(0, Integer),
        literal(0, Integer),
        literal(""),
        literal(""),
    )
    columns = [
        "run_id",
        "patient_id",
        "sequence",
        "state",
        "mismatch",
        "attempts",
        "deferrals",
        "spine_code",
        "spine_text",
    ]
    add = insert(item).from_select(columns, rest, include_defaults=False)
    # Asked for: without it only some drivers still know the number once the statement is done.
    return connection.execute(add, execution_options={"preserve_rowcount": True}).rowcount
