"""A practice's list becoming rows: patients, their entries, their groups, some thousand at a time.

Each patient carries the number of the list that named it last; within one import that is how the list's own patients
are told from all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Column, Connection, delete, func, insert, select

from app.domain.person_name import name_key
from app.engine.practice import EntryRow, GroupRow, PatientRow
from app.storage.faults import InconsistentChange
from app.storage.tables import consent_entry, patient, patient_group, patient_group_member

CHUNK = 2000

_Row = TypeVar("_Row")


def chunks(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """The rows in lists of bounded length, in order."""
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def add_patients(connection: Connection, number: int, rows: Iterable[PatientRow]) -> int:
    """Insert patients that are not known yet; returns how many. One without a reference is given one."""
    added = 0
    for chunk in chunks(rows):
        connection.execute(insert(patient), [patient_values(row, number) for row in chunk])
        added += len(chunk)
    return added


def patient_values(row: PatientRow, number: int) -> dict[str, Any]:
    """A patient's columns, but for the version."""
    return {
        "patient_ref": row.patient_ref or f"auto-{uuid4().hex[:16]}",
        "nhs_number": row.nhs_number,
        "surname": row.surname,
        "forename": row.forename,
        "name_key": name_key(row.surname, row.forename),
        "date_of_birth": row.date_of_birth,
        "sex": row.sex,
        "registration": row.registration,
        "fp69": row.fp69,
        "sensitive": row.sensitive,
        "pds_linked": row.pds_linked,
        "record_in_use": row.record_in_use,
        "list_number": number,
    }


def add_entries(connection: Connection, number: int, rows: Iterable[EntryRow]) -> int:
    """Append entries to the list's patients in the order they come; returns how many."""
    position = last_position(connection)
    added = 0
    for chunk in chunks(rows):
        owner = owners(connection, number, chunk)
        values = []
        for row in chunk:
            position += 1
            values.append(
                {
                    "patient_id": owner(row),
                    "position": position,
                    "code": row.code,
                    "term": row.term,
                    "event_date": row.event_date,
                    "recorded_at": row.recorded_at,
                    "recorded_by": row.recorded_by,
                }
            )
        connection.execute(insert(consent_entry), values)
        added += len(chunk)
    return added


def last_position(connection: Connection) -> int:
    """The highest position any entry has: what is appended comes after everything there is."""
    return connection.execute(select(func.max(consent_entry.c.position))).scalar_one() or 0


def replace_groups(connection: Connection, number: int, rows: Iterable[GroupRow]) -> tuple[int, dict[int, set[int]]]:
    """Have the groups that the list names hold exactly the members it names.

    Returns how many groups that are, and who was a member of those that were there before, by their ids.

    Groups that the list does not name stay as they are. A group that has the name with other capital letters is the
    same group and keeps its own: a scheduled run looks for it by that.
    """
    known = {row.name: row.id for row in connection.execute(select(patient_group.c.name, patient_group.c.id))}
    regardless = {name.casefold(): group_id for name, group_id in known.items()}
    named: dict[str, int] = {}
    held: dict[int, set[int]] = {}
    for chunk in chunks(rows):
        for name in dict.fromkeys(row.group_name for row in chunk):
            key = name.casefold()
            if key not in named:
                there = known.get(name) or regardless.get(key)
                if there is not None:
                    held[there] = members_of(connection, there)
                named[key] = _emptied(connection, there, name)
        owner = owners(connection, number, chunk)
        pairs = dict.fromkeys((named[row.group_name.casefold()], owner(row)) for row in chunk)
        _add_members(connection, pairs)
    return len(named), held


def members_of(connection: Connection, group_id: int) -> set[int]:
    """The ids of a group's members."""
    query = select(patient_group_member.c.patient_id).where(patient_group_member.c.group_id == group_id)
    return set(connection.execute(query).scalars())


def owners(
    connection: Connection, number: int, rows: Iterable[EntryRow | GroupRow]
) -> Callable[[EntryRow | GroupRow], int]:
    """Whose these rows are: the list's patient with the row's reference, or else with its NHS number."""
    rows = list(rows)
    by_reference = ids_by(connection, patient.c.patient_ref, [row.patient_ref for row in rows], number)
    by_number = ids_by(connection, patient.c.nhs_number, [row.nhs_number for row in rows], number)

    def owner(row: EntryRow | GroupRow) -> int:
        found = by_reference.get(row.patient_ref) or by_number.get(row.nhs_number)
        if found is None:
            raise InconsistentChange("the list names no patient for one of its entries or groups")
        return found

    return owner


def ids_by(
    connection: Connection, column: Column[Any], values: Iterable[str | None], number: int
) -> dict[str | None, int]:
    """The ids of the list's patients by reference or by NHS number."""
    wanted = {value for value in values if value is not None}
    if not wanted:
        return {}
    query = select(column, patient.c.id).where(column.in_(wanted), patient.c.list_number == number)
    return {row[0]: row[1] for row in connection.execute(query)}


def _emptied(connection: Connection, group_id: int | None, name: str) -> int:
    if group_id is not None:
        connection.execute(delete(patient_group_member).where(patient_group_member.c.group_id == group_id))
        return group_id
    connection.execute(insert(patient_group).values(name=name))
    found: int = connection.execute(select(patient_group.c.id).where(patient_group.c.name == name)).scalar_one()
    return found


def _add_members(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    rows = [{"group_id": group, "patient_id": member} for group, member in pairs]
    connection.execute(insert(patient_group_member), rows)
