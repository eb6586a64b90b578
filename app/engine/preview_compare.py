"""What a run did, held against what was foreseen: patient by patient, every difference with what lies behind it.

Both passes know their patients by the same ids, since the preview was made on a copy of the practice; both are gone
through once, in pages, so that nothing grows with the list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import Refused
from app.domain.outcomes import ItemState, Reason
from app.engine.ports import RunView
from app.engine.preview import Depth, PracticeCopy, Preview
from app.engine.preview_lists import NOT_FORESEEABLE
from app.engine.run_outcomes import PatientOutcome, RunOutcomes, every_outcome

_OF_RECORD = frozenset(
    {
        *(Reason.RECORD_IN_USE, Reason.NHS_NUMBER_INVALID, Reason.PDS_MISMATCH, Reason.NOT_PERMANENT_YET),
        *(Reason.NO_LONGER_ACTIVE, Reason.FP69, Reason.SENSITIVE, Reason.FUTURE_DATED_DISSENT),
    }
)
"""Reasons that follow from the practice's record, whatever the Spine tells."""

_OPEN = frozenset({ItemState.UNPROCESSED, ItemState.SENDING})

_NOT_TOLD_BY_RECORDS = (
    "The preview looked at the practice's records alone, so there is nothing to compare with the run."
)
_ANOTHER_RUN = "This preview was not one of that run, so there is nothing to compare."


class Difference(StrEnum):
    """Why a patient ended otherwise than foreseen, or that nothing was foreseen."""

    SPINE_CHANGED = "spine_changed"
    RECORD_CHANGED = "record_changed"
    REFUSED = "refused"
    NOT_ANSWERED = "not_answered"
    NOT_FORESEEN = "not_foreseen"
    NOT_DONE = "not_done"
    JOINED = "joined"
    LEFT = "left"
    OTHER = "other"


DIFFERENCE_WORDS: Mapping[Difference, str] = {
    Difference.SPINE_CHANGED: "The Spine told something else than at the preview.",
    Difference.RECORD_CHANGED: "The practice's record was changed after the preview.",
    Difference.REFUSED: "The Spine refused the dissent, which no question beforehand could tell.",
    Difference.NOT_ANSWERED: "The Spine did not give an answer during the run that settles it.",
    Difference.NOT_FORESEEN: "The preview could not tell what would become of them.",
    Difference.NOT_DONE: "The run has not come to them yet.",
    Difference.JOINED: "They joined the practice's list, or the group, after the preview.",
    Difference.LEFT: "They left the practice's active list, or the group, before the run began.",
    Difference.OTHER: "It came otherwise; the patient's own page says how.",
}
"""What staff read about each, in the plural."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A patient who ended otherwise: what was foreseen, what became of them, and why that differs."""

    difference: Difference
    foreseen: PatientOutcome | None
    became: PatientOutcome | None

    @property
    def patient_ref(self) -> str:
        """The practice's reference of the patient."""
        known = self.became or self.foreseen
        return "" if known is None else known.patient_ref


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many ended as foreseen, and how many for which difference otherwise."""

    as_foreseen: int
    differing: Mapping[Difference, int]

    @property
    def differ(self) -> int:
        """How many ended otherwise."""
        return sum(self.differing.values())


def is_of(preview: Preview, run: RunView) -> bool:
    """Whether a run is the one that was foreseen: of the same number, group and kind, and gone on with since."""
    same = (preview.view.run_id, preview.view.group, preview.view.family) == (run.run_id, run.group, run.family)
    return same and run.started_at is not None


def why_not_comparable(preview: Preview, run: RunView) -> str | None:
    """Why a preview says nothing about this run, in words; None where it does."""
    if preview.wish.depth is Depth.RECORDS:
        return _NOT_TOLD_BY_RECORDS
    return None if is_of(preview, run) else _ANOTHER_RUN


def compare(preview: Preview, copy: RunOutcomes, run: RunView, practice: RunOutcomes) -> Comparison:
    """Count. Raises `Refused` where the preview says nothing about this run."""
    tally = _Tally()
    deque(tally.counted(compared(preview, copy, run, practice)), maxlen=0)
    return tally.comparison


def compare_and_mark(preview: Preview, copy: PracticeCopy, run: RunView, practice: RunOutcomes) -> Comparison:
    """The same, and have those who came otherwise marked on the copy, but for those whom it does not know.

    Raises `Refused` as `compare` does, and `StorageFault`.
    """
    tally = _Tally()
    copy.marks.mark(tally.counted(compared(preview, copy.outcomes, run, practice)))
    return tally.comparison


class _Tally:
    """Counts while the patients go by."""

    def __init__(self) -> None:
        self._as_foreseen = 0
        self._differing = dict.fromkeys(Difference, 0)

    def counted(self, stream: Iterable[Differing | None]) -> Iterator[int]:
        """The ids of those who came otherwise and were foreseen at all."""
        for one in stream:
            if one is None:
                self._as_foreseen += 1
                continue
            self._differing[one.difference] += 1
            if one.foreseen is not None:
                yield one.foreseen.patient_id

    @property
    def comparison(self) -> Comparison:
        """What was counted."""
        return Comparison(self._as_foreseen, {kind: number for kind, number in self._differing.items() if number})


def compared(preview: Preview, copy: RunOutcomes, run: RunView, practice: RunOutcomes) -> Iterator[Differing | None]:
    """Every patient of either pass by id, None for each who ended as foreseen. Raises `Refused` as `compare` does."""
    if (obstacle := why_not_comparable(preview, run)) is not None:
        raise Refused(obstacle)
    pairs = _paired(every_outcome(copy, preview.view.run_id), every_outcome(practice, run.run_id))
    for foreseen, became in pairs:
        difference = difference_of(foreseen, became)
        yield None if difference is None else Differing(difference, foreseen, became)


def difference_of(foreseen: PatientOutcome | None, became: PatientOutcome | None) -> Difference | None:
    """Why what became of a patient is not what was foreseen, None where it is. One of the two is there."""
    if foreseen is None or became is None:
        return Difference.JOINED if foreseen is None else Difference.LEFT
    if _end(foreseen) == _end(became) and foreseen.reason not in NOT_FORESEEABLE:
        return None
    if became.state in _OPEN:
        return Difference.NOT_DONE
    if foreseen.state in _OPEN or foreseen.reason in NOT_FORESEEABLE:
        return Difference.NOT_FORESEEN
    if {foreseen.reason, became.reason} & _OF_RECORD and foreseen.reason is not became.reason:
        return Difference.RECORD_CHANGED
    if foreseen.code_before != became.code_before:
        return Difference.RECORD_CHANGED
    if (foreseen.summary, foreseen.permission) != (became.summary, became.permission):
        return _untold(became) or Difference.SPINE_CHANGED
    return _untold(became) or Difference.OTHER


def _untold(became: PatientOutcome) -> Difference | None:
    """The differences that lie in how the Spine answered the run."""
    if became.reason is Reason.SPINE_REJECTED:
        return Difference.REFUSED
    unanswered = {*NOT_FORESEEABLE, Reason.CONFLICT}
    return Difference.NOT_ANSWERED if became.reason in unanswered else None


def _end(outcome: PatientOutcome) -> tuple[object, ...]:
    """What counts as the same end. How a dissent came to be known as sent is the network's affair."""
    reason = None if outcome.state is ItemState.SENT else outcome.reason
    return outcome.state, reason, outcome.mismatch, outcome.code_now


def _paired(
    left: Iterator[PatientOutcome], right: Iterator[PatientOutcome]
) -> Iterator[tuple[PatientOutcome | None, PatientOutcome | None]]:
    """Two streams by patient, side by side; None where one of them has nobody."""
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one.patient_id < other.patient_id):
            yield one, None
            one = next(left, None)
        elif one is None or other.patient_id < one.patient_id:
            yield None, other
            other = next(right, None)
        else:
            yield one, other
            one, other = next(left, None), next(right, None)
