"""How many of what a preview foresees: counted from the copy that it was made on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.outcomes import ItemState, Reason
from app.engine.lists import ListQuery, OfRun, PatientLists, ReasonCount
from app.engine.pace import SAFETY
from app.engine.ports import RunView
from app.engine.preview_lists import DISSENT_NOT_SENT, EVERYBODY, NOT_FORESEEABLE, PREVIEW_LISTS


class Cause(StrEnum):
    """Why a dissent held here would not be sent."""

    APPLIED = "applied"
    UNLINKED = "unlinked"
    IN_USE = "record_in_use"
    NUMBER = "number"
    FUTURE_DATED = "future_dated"
    REFUSED = "refused"
    NOT_FORESEEN = "not_foreseen"


_CAUSES = {
    Reason.NOT_PERMANENT_YET: Cause.APPLIED,
    Reason.PDS_MISMATCH: Cause.UNLINKED,
    Reason.RECORD_IN_USE: Cause.IN_USE,
    Reason.NHS_NUMBER_INVALID: Cause.NUMBER,
    Reason.SPINE_REJECTED: Cause.REFUSED,
    Reason.CONFLICT: Cause.REFUSED,
    **dict.fromkeys(NOT_FORESEEABLE, Cause.NOT_FORESEEN),
}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The numbers of a preview. `sizes` has the length of every list of `PREVIEW_LISTS` by its key, `causes` those of
    dissents that would not be sent, `reasons` everybody by state and reason.

    `seconds` is how long the run would take at the pace that is set, None where no pace is set.
    """

    sizes: Mapping[str, int]
    causes: Mapping[Cause, int]
    reasons: Sequence[ReasonCount]
    seconds: float | None


def count_foreseen(lists: PatientLists, view: RunView, per_second: float) -> Foreseen:
    """Count what the run on the copy has come to. `per_second` are the requests that are allowed, 0 for no limit."""
    run_id = view.run_id
    return Foreseen(
        {key: lists.count(ListQuery(OfRun(run_id, one))) for key, one in PREVIEW_LISTS.items()},
        _causes(lists.reasons(OfRun(run_id, DISSENT_NOT_SENT))),
        tuple(lists.reasons(OfRun(run_id, EVERYBODY))),
        _seconds(view, per_second),
    )


def _causes(reasons: Sequence[ReasonCount]) -> dict[Cause, int]:
    found = dict.fromkeys(Cause, 0)
    for one in reasons:
        found[_cause_of(one)] += one.patients
    return {cause: number for cause, number in found.items() if number}


def _cause_of(one: ReasonCount) -> Cause:
    if one.state in {ItemState.UNPROCESSED, ItemState.SENDING} or one.reason is None:
        return Cause.NOT_FORESEEN
    # Whoever objects and ends otherwise does so by an entry that does not count yet.
    return _CAUSES.get(one.reason, Cause.FUTURE_DATED)


def _seconds(view: RunView, per_second: float) -> float | None:
    """Every request takes its turn; those of patients who were not looked at are taken to be like the others'."""
    done = view.counts.total - view.counts.unprocessed - view.counts.sending
    if not per_second or not done:
        return None
    return (view.reads + view.writes) / done * view.counts.total * SAFETY / per_second
