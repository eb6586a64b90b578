"""How a list of patients speaks: of what became of them in a run, or of what would become of them. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.outcomes import REASON_LABELS, REASON_WORDS, STATE_LABELS, ItemState, Reason
from app.engine.lists import Sort, Source
from app.engine.preview_words import FORESEEN_LABELS, FORESEEN_WORDS
from app.ui.columns import Column
from app.ui.patients.columns import A_PERMISSION, A_TERM, HERE_NOW, REGISTRATION, WHO, columns_of, of_run
from app.ui.patients.words import NOTHING, permission, summary, term

_FORESEEN_STATES = {
    **STATE_LABELS,
    ItemState.UNPROCESSED: "Not looked at",
    ItemState.SENDING: "Not looked at to the end",
    ItemState.SENT: "To be sent",
    ItemState.FAILED: "Likely to fail",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """The columns of a list, and its words for states and reasons. `no_group` says why what it shows cannot be kept as
    a group, empty where it can.
    """

    columns: Callable[[Source], tuple[Column, ...]]
    state: Callable[[ItemState], str]
    label: Callable[[Reason], str]
    sentence: Callable[[Reason], str]
    no_group: str = ""


def _label(reason: Reason) -> str:
    return FORESEEN_LABELS.get(reason, REASON_LABELS[reason])


def _sentence(reason: Reason) -> str:
    return FORESEEN_WORDS.get(reason, REASON_WORDS[reason])


_FORESEEN_COLUMNS = (
    *WHO,
    of_run("Outcome", "Not looked at", lambda told: _FORESEEN_STATES[told.state], Sort.OUTCOME),
    of_run(
        "Reason",
        "NHS number missing or invalid",
        lambda told: NOTHING if told.reason is None else _label(told.reason),
        Sort.REASON,
    ),
    of_run("Here now", A_TERM, lambda told: term(told.code_before), Sort.HERE_BEFORE),
    Column("Here then", HERE_NOW.sample, HERE_NOW.text),
    of_run("Summary", "Not told", lambda told: summary(told.summary), Sort.SUMMARY),
    of_run("Spine now", A_PERMISSION, lambda told: permission(told.permission_before), Sort.SPINE_BEFORE),
    of_run("Spine then", A_PERMISSION, lambda told: permission(told.permission_after)),
    REGISTRATION,
)

OF_RUNS = Manner(columns_of, STATE_LABELS.__getitem__, REASON_LABELS.__getitem__, REASON_WORDS.__getitem__)
FORESEEN = Manner(
    lambda _: _FORESEEN_COLUMNS,
    _FORESEEN_STATES.__getitem__,
    _label,
    _sentence,
    "A list of a preview cannot be kept as a group. Find the patients in the practice's own list.",
)
