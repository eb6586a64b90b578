"""Where patient groups are kept (`GroupStore`): each change one transaction with its event in the audit trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, case, delete, func, insert, literal, select, update

from app.clock import london_date
from app.domain.errors import Refused
from app.domain.patient import ACTIVE_STATUSES
from app.domain.states import RunStatus
from app.engine.groups import Known, MembersChange
from app.engine.lists import ListQuery
from app.engine.ports import GroupView
from app.storage import cohort
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.columns import AnySelect
from app.storage.database import PracticeDatabase
from app.storage.list_rows import chunks
from app.storage.patient_lists import patients_of
from app.storage.tables import patient, patient_group, patient_group_member, run

_IS_ACTIVE = patient.c.registration.in_(sorted(ACTIVE_STATUSES))


class SqlGroupStore:
    """`GroupStore` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def with_numbers(self, numbers: Collection[str]) -> Mapping[str, Sequence[Known]]:
        """The patients with these NHS numbers; see the port."""
        found: dict[str, list[Known]] = defaultdict(list)
        for chunk in chunks(sorted(numbers)):
            query = select(patient.c.nhs_number, patient.c.id, _IS_ACTIVE).where(patient.c.nhs_number.in_(chunk))
            with self._database.reading() as connection:
                for number, patient_id, is_active in connection.execute(query.order_by(patient.c.id)):
                    found[number].append(Known(patient_id, bool(is_active)))
        return found

    def sizes(self, query: ListQuery) -> tuple[int, int]:
        """How many patients a list holds, and how many of them are active."""
        with self._database.reading() as connection:
            return _sizes(connection, self._patients_of(connection, query))

    def make(self, name: str, members: Sequence[int] | ListQuery, actor: str, now: datetime) -> GroupView:
        """Make a group; see the port."""
        with self._database.writing() as connection:
            _refuse_taken(connection, name)
            new = insert(patient_group).values(name=name).returning(patient_group.c.id)
            group_id = connection.execute(new).scalar_one()
            for some in self._in_parts(connection, members):
                _add(connection, group_id, some)
            size, active = _sizes(connection, _members(group_id))
            if not size:
                raise Refused("Nobody is on this list any more, so no group was made of it.")
            _tell(connection, now, actor, AuditAction.GROUP_MADE, None, name, f"{size} patients")
        return GroupView(name, size, active)

    def add_members(self, name: str, whom: Sequence[int] | ListQuery, actor: str, now: datetime) -> MembersChange:
        """Put patients into a group; see the port."""
        with self._database.writing() as connection:
            group_id = cohort.group_id(connection, name)
            before, _ = _sizes(connection, _members(group_id))
            for some in self._in_parts(connection, whom):
                _add(connection, group_id, some)
            size, active = _sizes(connection, _members(group_id))
            if size == before:
                raise Refused("Everybody named is in this group already, so nothing was changed.")
            what = f"{size - before} patients added, {size} in all"
            _tell(connection, now, actor, AuditAction.GROUP_ENLARGED, name, name, what, whom)
        return MembersChange(GroupView(name, size, active), size - before)

    def remove_members(self, name: str, whom: Sequence[int] | ListQuery, actor: str, now: datetime) -> MembersChange:
        """Take patients out of a group; see the port."""
        member = patient_group_member.c
        with self._database.writing() as connection:
            group_id = cohort.group_id(connection, name)
            before, _ = _sizes(connection, _members(group_id))
            for some in self._in_parts(connection, whom):
                gone = (member.group_id == group_id, member.patient_id.in_(some))
                connection.execute(delete(patient_group_member).where(*gone))
            size, active = _sizes(connection, _members(group_id))
            if size == before:
                raise Refused("None of them is in this group, so nothing was changed.")
            if not size:
                raise Refused("Nobody would be left in this group, so nothing was changed. Delete the group instead.")
            what = f"{before - size} patients taken out, {size} left"
            _tell(connection, now, actor, AuditAction.GROUP_REDUCED, name, name, what, whom)
        return MembersChange(GroupView(name, size, active), before - size)

    def rename(self, name: str, new_name: str, actor: str, now: datetime) -> None:
        """Give a group another name; see the port."""
        with self._database.writing() as connection:
            group_id = cohort.group_id(connection, name)
            if name == new_name:
                return
            _refuse_scheduled(connection, name, "renamed")
            _refuse_taken(connection, new_name, but=group_id)
            connection.execute(update(patient_group).where(patient_group.c.id == group_id).values(name=new_name))
            _tell(connection, now, actor, AuditAction.GROUP_RENAMED, name, new_name, "")

    def delete(self, name: str, actor: str, now: datetime) -> None:
        """Take a group away; see the port."""
        with self._database.writing() as connection:
            group_id = cohort.group_id(connection, name)
            _refuse_scheduled(connection, name, "deleted")
            size, _ = _sizes(connection, _members(group_id))
            connection.execute(delete(patient_group_member).where(patient_group_member.c.group_id == group_id))
            connection.execute(delete(patient_group).where(patient_group.c.id == group_id))
            _tell(connection, now, actor, AuditAction.GROUP_DELETED, name, None, f"{size} patients")

    def _in_parts(self, connection: Connection, whom: Sequence[int] | ListQuery) -> Iterator[AnySelect]:
        """The patients' ids, as selections each of which one statement can hold."""
        if isinstance(whom, ListQuery):
            yield select(self._patients_of(connection, whom).subquery().c.id)
            return
        for chunk in chunks(whom):
            yield select(patient.c.id).where(patient.c.id.in_(chunk))

    def _patients_of(self, connection: Connection, query: ListQuery) -> AnySelect:
        return patients_of(connection, query, london_date(self._database.clock.now()))


def _members(group_id: int) -> AnySelect:
    member = patient_group_member.c
    return select(member.patient_id.label("id")).where(member.group_id == group_id)


def _add(connection: Connection, group_id: int, whom: AnySelect) -> None:
    """Put patients into a group; who is in it already stays in it."""
    new = whom.subquery().c.id
    is_in = select(patient_group_member.c.patient_id).where(patient_group_member.c.group_id == group_id)
    rows = select(literal(group_id), new).where(new.not_in(is_in))
    connection.execute(insert(patient_group_member).from_select(["group_id", "patient_id"], rows))


def _sizes(connection: Connection, patients: AnySelect) -> tuple[int, int]:
    listed = patients.subquery()
    active = func.coalesce(func.sum(case((_IS_ACTIVE, 1), else_=0)), 0)
    query = select(func.count(), active).select_from(listed).join(patient, patient.c.id == listed.c.id)
    size, number = connection.execute(query).one()
    return size, number


def _refuse_taken(connection: Connection, name: str, but: int | None = None) -> None:
    # Compared here and not in SQL, which knows small letters of ASCII only; there are few groups.
    for group_id, taken in connection.execute(select(patient_group.c.id, patient_group.c.name)):
        if taken.casefold() == name.casefold() and group_id != but:
            raise Refused("There is a group of this name already. Choose another name.")


def _refuse_scheduled(connection: Connection, name: str, what: str) -> None:
    """A run that has begun has its patients; one that is only scheduled will look for the group by its name."""
    waiting = select(run.c.id).where(run.c.status == RunStatus.SCHEDULED, run.c.group_name == name)
    if connection.execute(waiting).first() is not None:
        raise Refused(
            f"A scheduled run is to take the patients of this group, so it cannot be {what} now. "
            "Wait until the run has started, or cancel its schedule."
        )


def _tell(
    connection: Connection,
    now: datetime,
    actor: str,
    action: AuditAction,
    before: str | None,
    after: str | None,
    detail: str,
    whom: Sequence[int] | ListQuery = (),
) -> None:
    """Write the event; one patient who was named alone is named in it."""
    alone = whom[0] if not isinstance(whom, ListQuery) and len(whom) == 1 else None
    event = AuditEvent(now, actor, action, patient_id=alone, before=before, after=after, detail=detail)
    append(connection, [event])
