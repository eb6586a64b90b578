"""Patient groups: what one may be called, whom a list of NHS numbers means, and the service that makes and changes one.

Whoever may not see names may not make a group either: that would tell whose number is known here. How a list of
numbers is read is settled in `exchange`, how groups are kept in `storage`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.clock import Clock
from app.domain import nhs_number
from app.domain.errors import BadInput
from app.engine.lists import ListQuery
from app.engine.ports import GroupView, actor_words
from app.engine.rights import Right, Rights

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class NumberOnLine:
    """One NHS number of a list, ten digits, and the line it stands on, counted from 1."""

    line: int
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LineFault:
    """Why nobody could be taken from a line: a whole sentence that does not repeat what stands there."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line:,}: {self.reason}"


@dataclass(frozen=True, slots=True)
class NumberList:
    """A list of NHS numbers as it was read: the numbers, and the lines that hold none."""

    numbers: Sequence[NumberOnLine] = ()
    faults: Sequence[LineFault] = ()


class NumberReader(Protocol):
    """Reads lists of NHS numbers, one or more a line, or a CSV file with a column of them."""

    def from_text(self, text: str) -> NumberList:
        """The numbers of a text that was typed or pasted."""

    def from_file(self, path: Path) -> NumberList:
        """The numbers of a file. Raises `BadInput` where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Known:
    """A patient with one of the numbers asked for."""

    patient_id: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """Whom a group would hold, before it is made: the patients, how many of them are active, and every line that led to
    nobody. `repeats` counts lines that name a patient once more.
    """

    patient_ids: Sequence[int]
    active: int
    faults: Sequence[LineFault]
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class MembersChange:
    """A group after patients were added to it or taken out, and how many that were."""

    group: GroupView
    changed: int


class GroupStore(Protocol):
    """Where groups are kept; each call one transaction or one short look. Names are compared regardless of case.

    Raises `Refused` for a name that another group has, for a group that is not there, and for one that a scheduled run
    is to take its patients from.
    """

    def with_numbers(self, numbers: Collection[str]) -> Mapping[str, Sequence[Known]]:
        """The patients with these NHS numbers, for each number that somebody has."""

    def sizes(self, query: ListQuery) -> tuple[int, int]:
        """How many patients a list holds, and how many of them are active."""

    def make(self, name: str, members: Sequence[int] | ListQuery, actor: str, now: datetime) -> GroupView:
        """Make a group of these patients, or of everybody a list holds at this moment."""

    def add_members(self, name: str, whom: Sequence[int] | ListQuery, actor: str, now: datetime) -> MembersChange:
        """Put these patients, or everybody a list holds at this moment, into a group; who is in it stays in it.

        Raises `Refused` where that would change nothing.
        """

    def remove_members(self, name: str, whom: Sequence[int] | ListQuery, actor: str, now: datetime) -> MembersChange:
        """Take patients out of a group. Raises `Refused` where none of them is in it, or nobody would be left."""

    def rename(self, name: str, new_name: str, actor: str, now: datetime) -> None:
        """Give a group another name."""

    def delete(self, name: str, actor: str, now: datetime) -> None:
        """Take a group away; its patients stay."""


def checked_name(typed: str) -> str:
    """A group's name as it is kept, without surplus spaces. Raises `BadInput` for one that cannot be."""
    name = " ".join(typed.split())
    if not name:
        raise BadInput("Type a name for the group.")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name is too long: {len(name)} letters, and {LONGEST_NAME} are the most.")
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"} for letter in name):
        raise BadInput("The name holds a sign that cannot be shown. Type it again.")
    return name


class PatientGroups:
    """Makes and changes groups for whoever is signed in at that moment; never called in the window's thread."""

    def __init__(self, store: GroupStore, reader: NumberReader, rights: Rights, clock: Clock) -> None:
        self._store = store
        self._reader = reader
        self._rights = rights
        self._clock = clock

    def draft_of_text(self, text: str) -> GroupDraft:
        """Whom a group of the numbers in this text would hold. Raises `Refused`."""
        self._rights.require(Right.SEE_NAMES)
        return self._draft(self._reader.from_text(text))

    def draft_of_file(self, path: Path) -> GroupDraft:
        """Whom a group of the numbers in this file would hold. Raises `Refused`, and `BadInput` for a bad file."""
        self._rights.require(Right.SEE_NAMES)
        return self._draft(self._reader.from_file(path))

    def sizes(self, query: ListQuery) -> tuple[int, int]:
        """How many patients a list holds, and how many of them are active. Raises `Refused`."""
        self._rights.require(Right.SEE_NAMES)
        return self._store.sizes(query)

    def make(self, name: str, members: GroupDraft | ListQuery) -> GroupView:
        """Make a group of a draft's patients or of a list's. Raises `Refused` and `BadInput`; then there is none."""
        actor, kept = self._actor(), checked_name(name)
        return self._store.make(kept, _whom(members), actor, self._clock.now())

    def add_members(self, name: str, members: GroupDraft | ListQuery) -> MembersChange:
        """Put patients into a group: all of them, or none where it raises `Refused` or `BadInput`.

        A run that has begun keeps the patients it began with.
        """
        return self._store.add_members(name, _whom(members), self._actor(), self._clock.now())

    def remove_members(self, name: str, members: GroupDraft | ListQuery) -> MembersChange:
        """Take patients out of a group: all of them, or none where it raises `Refused` or `BadInput`."""
        return self._store.remove_members(name, _whom(members), self._actor(), self._clock.now())

    def rename(self, name: str, new_name: str) -> None:
        """Give a group another name. Raises `Refused` and `BadInput`; then it keeps the one it has."""
        actor, kept = self._actor(), checked_name(new_name)
        self._store.rename(name, kept, actor, self._clock.now())

    def delete(self, name: str) -> None:
        """Take a group away; its patients stay. Raises `Refused`; then it stays as well."""
        self._store.delete(name, self._actor(), self._clock.now())

    def _actor(self) -> str:
        session = self._rights.require(Right.SEE_NAMES)
        return actor_words(session.user_name, session.role.name, session.card_uid)

    def _draft(self, listed: NumberList) -> GroupDraft:
        known = self._store.with_numbers({one.number for one in listed.numbers})
        faults = list(listed.faults)
        found: dict[int, bool] = {}
        repeats = 0
        for one in listed.numbers:
            people = known.get(one.number, ())
            if not people:
                faults.append(LineFault(one.line, _not_found(one.number)))
            repeats += any(person.patient_id in found for person in people)
            found |= {person.patient_id: person.is_active for person in people}
        faults.sort(key=lambda fault: fault.line)
        return GroupDraft(tuple(found), sum(found.values()), tuple(faults), repeats)


def draft_of_one(patient_id: int) -> GroupDraft:
    """One patient, chosen in a list, as whoever is to be added or taken out."""
    return GroupDraft((patient_id,), 0, ())


def _whom(members: GroupDraft | ListQuery) -> Sequence[int] | ListQuery:
    whom = members.patient_ids if isinstance(members, GroupDraft) else members
    if not whom:
        raise BadInput("Nobody was named. Type or choose at least one patient.")
    return whom


def _not_found(number: str) -> str:
    if nhs_number.is_valid(number):
        return "No patient of this practice has this NHS number."
    return "No patient has this NHS number, and it is not a valid one: one of its digits must be wrong."
