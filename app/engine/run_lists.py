"""The lists of a run's patients, as data: a further list or report is one more `ListDefinition`.

How a list is asked for, searched and paged is in `lists`; who belongs on one is the storage's to find.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.outcomes import STATE_LABELS, ItemState, Reason


class Trait(StrEnum):
    """What puts a patient of a run on a list beside the outcome and its reason."""

    MISMATCH = "mismatch"
    """The Spine holds a dissent that the record does not."""
    LEGACY_CONVERTED = "legacy_converted"
    """An old term was replaced by the current one in this run."""
    CONSENT_WIDENED = "consent_widened"
    """93C2. counted and was replaced in this run by 9Ndn., which takes in additional data."""
    MARKED = "marked"
    """A preview marked the patient on its copy: the run came otherwise than foreseen."""
    NOTHING_TOLD = "nothing_told"
    """The Spine was asked and told nothing of the patient: no summary, no permission."""
    SEVERAL_TERMS = "several_terms"
    """The record holds more than one consent term now."""
    FUTURE_DATED = "future_dated"
    """An entry of the record is dated after today."""
    DISSENT_NOT_SENT = "dissent_not_sent"
    """The record's entry that counts is a dissent, or a future-dated one is all there is, and nothing that any run or
    look told shows that it is on the Spine."""


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """One list of a run's patients: those in one of the states, for one of the reasons, with the trait.

    What is left empty asks for nothing. `key` is the report's name where it is one.
    """

    key: str
    title: str
    meaning: str
    states: frozenset[ItemState] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    trait: Trait | None = None


OUTCOMES = ListDefinition("outcomes", "All patients of the run", "Everybody the run takes, with what became of them.")


COUNTER_LISTS: Mapping[ItemState, ListDefinition] = {
    ItemState.UNPROCESSED: ListDefinition(
        "unprocessed",
        STATE_LABELS[ItemState.UNPROCESSED],
        "Nothing was attempted for these patients.",
        frozenset({ItemState.UNPROCESSED}),
    ),
    ItemState.SENT: ListDefinition(
        "dissent-sent",
        STATE_LABELS[ItemState.SENT],
        "The dissents of these patients reached the Spine.",
        frozenset({ItemState.SENT}),
    ),
    ItemState.SENDING: ListDefinition(
        "sending",
        STATE_LABELS[ItemState.SENDING],
        "The messages of these patients are on their way.",
        frozenset({ItemState.SENDING}),
    ),
    ItemState.FAILED: ListDefinition(
        "failed",
        STATE_LABELS[ItemState.FAILED],
        "Nothing could be sent for these patients. Put right what is wrong, then press Failed.",
        frozenset({ItemState.FAILED}),
    ),
    ItemState.NOT_REQUIRED: ListDefinition(
        "not-required",
        STATE_LABELS[ItemState.NOT_REQUIRED],
        "No consent message was needed for these patients.",
        frozenset({ItemState.NOT_REQUIRED}),
    ),
}
"""The patients behind each of the five counters."""


LISTS: Mapping[str, ListDefinition] = {
    one.key: one
    for one in (
        OUTCOMES,
        *COUNTER_LISTS.values(),
        ListDefinition(
            "dissent-not-sent",
            "Dissent not sent",
            "These patients object, and nothing shows that the Spine knows it.",
            trait=Trait.DISSENT_NOT_SENT,
        ),
        ListDefinition(
            "mismatch",
            "Dissent on the Spine, not here",
            "The Spine holds a dissent that the practice's record does not. Ask the patient.",
            trait=Trait.MISMATCH,
        ),
        ListDefinition(
            "implied-consent-added",
            "Implied consent added",
            "These patients have a summary and had no consent recorded, so 9Ndl. was added.",
            frozenset({ItemState.NOT_REQUIRED}),
            frozenset({Reason.IMPLIED_CONSENT_ADDED}),
        ),
        ListDefinition(
            "legacy-converted",
            "Old terms converted",
            "An old consent term of these patients was replaced by the current one.",
            trait=Trait.LEGACY_CONVERTED,
        ),
        ListDefinition(
            "several-terms",
            "More than one consent term",
            "The records of these patients hold more than one consent term. The latest counts.",
            trait=Trait.SEVERAL_TERMS,
        ),
        ListDefinition(
            "future-dated",
            "Dated in the future",
            "An entry of these patients is dated in the future and does not count yet. Check its year.",
            trait=Trait.FUTURE_DATED,
        ),
    )
}
"""Every list of a run, by its key."""
