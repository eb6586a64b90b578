"""What staff have to look after once runs are over: which worklists there are, what to do about each, and their marks.

Counts are for everybody; marking a patient is for those who may see names. Which patients a worklist holds is settled
in `storage`, from the rows as they stand: it empties by itself as things are put right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.domain.errors import BadInput
from app.domain.outcomes import REASON_LABELS, Reason
from app.engine.lists import ListQuery, OfWorklist, PatientLists, Worklist
from app.engine.patient_line import Seen
from app.engine.ports import actor_words
from app.engine.rights import Right, Rights

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class WorklistWords:
    """What a worklist is called, whom it holds, and what to do about them."""

    title: str
    meaning: str
    to_do: str


WORKLISTS: Mapping[Worklist, WorklistWords] = {
    Worklist.DISSENT_NOT_SENT: WorklistWords(
        "Dissent not sent",
        "These patients object, and nothing shows that the Spine knows it.",
        "Open each to see what is in the way, put it right in the record, then press Rerun or Failed.",
    ),
    Worklist.MISMATCH: WorklistWords(
        "Dissent on the Spine, not here",
        "The Spine holds a dissent that the practice's record does not.",
        "Ask the patient. Record the dissent here too, or settle the opposite wish in the patient's own record.",
    ),
    Worklist.FAILED: WorklistWords(
        "Failed",
        "The latest run that came to these patients could do nothing for them.",
        "Look at each reason below, put right what is wrong, then press Failed.",
    ),
    Worklist.SEVERAL_TERMS: WorklistWords(
        "More than one consent term",
        "The records of these patients hold more than one consent term. The latest counts.",
        "Open each and see whether the one that counts is what the patient wants; then mark the patient as dealt with.",
    ),
    Worklist.FUTURE_DATED: WorklistWords(
        "Dated in the future",
        "A consent term of these patients is dated in the future and does not count yet.",
        "Check the year of the entry and correct it in the patient's own record.",
    ),
}
"""Every worklist, in the order in which they matter: what protects patients comes first."""

FAILED_TO_DO: Mapping[Reason, str] = {
    Reason.RECORD_IN_USE: "Have the record closed on the other computer, then press Failed.",
    Reason.PDS_MISMATCH: "Link the record with PDS, bring in the newer list, then press Failed.",
    Reason.NHS_NUMBER_INVALID: "Find the right NHS number, correct it in the record, then press Failed.",
    Reason.SPINE_REJECTED: "Read what the Spine said, put that right, then press Failed.",
    Reason.ANSWER_NOT_UNDERSTOOD: "Press Failed. If it comes again, have the connection to the Spine looked at.",
    Reason.SPINE_UNAVAILABLE: "Press Failed once the Spine answers again.",
    Reason.OUTCOME_UNKNOWN: "Press Failed: the Spine is read first, and the dissent is sent only where it is missing.",
    Reason.CONFLICT: "Somebody else changed this on the Spine. Check again, ask the patient, then press Failed.",
    Reason.INTERNAL_ERROR: "Press Failed. If it comes again, send the log to whoever looks after this program.",
}
"""What to do about patients who failed, by reason."""


def words_of(source: OfWorklist) -> WorklistWords:
    """The words of a worklist, or of the part of the failed with one reason."""
    words = WORKLISTS[source.worklist]
    if source.reason is None:
        return words
    title = f"{words.title}: {REASON_LABELS[source.reason]}"
    return WorklistWords(title, words.meaning, FAILED_TO_DO.get(source.reason, words.to_do))


NAMED: Mapping[str, OfWorklist] = {
    **{one.value: OfWorklist(one) for one in WORKLISTS},
    **{f"failed-{one.value.replace('_', '-')}": OfWorklist(Worklist.FAILED, one) for one in FAILED_TO_DO},
}
"""Every worklist by the name it has at the command line."""


@dataclass(frozen=True, slots=True)
class WorklistCount:
    """How many patients a worklist has left, and how many more are marked as dealt with."""

    source: OfWorklist
    left: int
    dealt_with: int


@dataclass(frozen=True, slots=True)
class NewMark:
    """A mark to keep: whether the patient is dealt with, a short note, by whom, and what was known then."""

    dealt_with: bool
    note: str = field(repr=False)
    by: str = field(repr=False)
    seen: Seen


class MarkStore(Protocol):
    """Where marks are kept."""

    def mark(self, worklist: Worklist, patient_id: int, new: NewMark | None, actor: str, now: datetime) -> None:
        """Mark a patient in place of an earlier mark, or take the mark away; one transaction with its audit event."""


class Worklists:
    """The worklists as they stand, for whoever is signed in at that moment; may be used from any thread but the
    window's.
    """

    def __init__(self, lists: PatientLists, store: MarkStore, rights: Rights, clock: Clock) -> None:
        self._lists = lists
        self._store = store
        self._rights = rights
        self._clock = clock

    def overview(self) -> list[WorklistCount]:
        """Every worklist with its numbers, for everybody; see `overview_of`."""
        return overview_of(self._lists)

    def mark(self, worklist: Worklist, patient_id: int, seen: Seen, note: str, *, dealt_with: bool) -> None:
        """Mark a patient as dealt with, or as still to do. `seen` is the row's: what was found since is not hidden.

        Raises `Refused` where names may not be seen, and `BadInput` for a note that cannot be kept.
        """
        session = self._rights.require(Right.SEE_NAMES)
        new = NewMark(dealt_with, checked_note(note), session.user_name, seen)
        actor = actor_words(session.user_name, session.role.name, session.card_uid)
        self._store.mark(worklist, patient_id, new, actor, self._clock.now())

    def unmark(self, worklist: Worklist, patient_id: int) -> None:
        """Take a patient's mark away. Raises `Refused` where names may not be seen."""
        session = self._rights.require(Right.SEE_NAMES)
        actor = actor_words(session.user_name, session.role.name, session.card_uid)
        self._store.mark(worklist, patient_id, None, actor, self._clock.now())


def overview_of(lists: PatientLists) -> list[WorklistCount]:
    """Every worklist with its numbers; after the failed, these by reason, the most frequent first."""
    found = []
    for worklist in WORKLISTS:
        found.append(_count(lists, OfWorklist(worklist)))
        if worklist is Worklist.FAILED and found[-1].left + found[-1].dealt_with:
            found += [
                _count(lists, OfWorklist(worklist, one.reason))
                for one in lists.reasons(OfWorklist(worklist))
                if one.reason in FAILED_TO_DO
            ]
    return found


def _count(lists: PatientLists, source: OfWorklist) -> WorklistCount:
    left, dealt_with = (lists.count(ListQuery(replace(source, dealt_with=marked))) for marked in (False, True))
    return WorklistCount(source, left, dealt_with)


def checked_note(typed: str) -> str:
    """A note as it is kept, without surplus spaces. Raises `BadInput`, which does not repeat it."""
    note = " ".join(typed.split())
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"The note is too long: {len(note)} letters, and {LONGEST_NOTE} are the most.")
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"} for letter in note):
        raise BadInput("The note holds a sign that cannot be shown. Type it again.")
    return note
