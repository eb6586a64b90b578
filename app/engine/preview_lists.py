"""The lists of a preview: whom each number of it is about. As data, counted and paged like the lists of a run.

Titles and meanings speak of what would happen; a list of a run says what did.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.outcomes import ItemState, Reason
from app.engine.run_lists import ListDefinition, Trait

NOT_FORESEEABLE = frozenset(
    {Reason.SPINE_UNAVAILABLE, Reason.ANSWER_NOT_UNDERSTOOD, Reason.OUTCOME_UNKNOWN, Reason.INTERNAL_ERROR}
)
"""Why a patient failed in the preview itself: nothing follows from it for the run."""

WIDENING = ListDefinition(
    "widening",
    "Consent that widens",
    "93C2. counts for these patients now. It becomes 9Ndn., which is consent for core and additional data.",
    trait=Trait.CONSENT_WIDENED,
)
DISSENT_NOT_SENT = ListDefinition(
    "dissent-not-sent",
    "Dissents that would not be sent",
    "These patients object, and the Spine would not learn it from this run. Put right what is in the way first.",
    trait=Trait.DISSENT_NOT_SENT,
)
TO_BE_SENT = ListDefinition(
    "to-be-sent",
    "Dissents to be sent",
    "A dissent would be sent to the Spine for each of them.",
    frozenset({ItemState.SENT}),
)
UNTOLD = ListDefinition(
    "may-be-refused",
    "Dissents to be sent that may be refused",
    "The Spine tells nothing of these patients. It refuses a dissent where it does not know the NHS number.",
    frozenset({ItemState.SENT}),
    trait=Trait.NOTHING_TOLD,
)
ON_SPINE = ListDefinition(
    "already-on-spine",
    "Dissent on the Spine already",
    "The Spine holds the dissents of these patients, so none is sent again.",
    reasons=frozenset({Reason.ALREADY_ON_SPINE}),
)
CONVERTED = ListDefinition(
    "to-be-converted",
    "Old terms to be converted",
    "An old consent term of these patients would be replaced by the current one.",
    trait=Trait.LEGACY_CONVERTED,
)
IMPLIED = ListDefinition(
    "implied-consent",
    "Implied consent to be added",
    "These patients have a summary on the Spine and no consent recorded here: 9Ndl. would be added.",
    reasons=frozenset({Reason.IMPLIED_CONSENT_ADDED}),
)
MISMATCH = ListDefinition(
    "mismatch",
    "Dissent on the Spine, not here",
    "The Spine holds a dissent that the practice's record does not. Nothing would change; ask the patient.",
    trait=Trait.MISMATCH,
)
NOT_REQUIRED = ListDefinition(
    "not-required",
    "Not required",
    "No consent message would be needed for these patients.",
    frozenset({ItemState.NOT_REQUIRED}),
)
FAILING = ListDefinition(
    "likely-to-fail",
    "Likely to fail",
    "Nothing could be sent for these patients. What is put right beforehand does not fail.",
    frozenset({ItemState.FAILED}),
    frozenset(Reason) - NOT_FORESEEABLE,
)
NOT_FORESEEN = ListDefinition(
    "not-foreseen",
    "Could not be foreseen",
    "The Spine did not give an answer for these patients that says what a run would do.",
    frozenset({ItemState.FAILED}),
    NOT_FORESEEABLE,
)
NOT_LOOKED_AT = ListDefinition(
    "not-looked-at",
    "Not looked at",
    "The preview ended before it had come to these patients.",
    frozenset({ItemState.UNPROCESSED, ItemState.SENDING}),
)
SEVERAL_TERMS = ListDefinition(
    "several-terms",
    "More than one consent term",
    "The records of these patients hold more than one consent term. The latest counts.",
    trait=Trait.SEVERAL_TERMS,
)
FUTURE_DATED = ListDefinition(
    "future-dated",
    "Dated in the future",
    "An entry of these patients is dated in the future and does not count yet. Check its year.",
    trait=Trait.FUTURE_DATED,
)

EVERYBODY = ListDefinition("everybody", "All patients", "Everybody the run would take, with what would become of them.")

CAME_OTHERWISE = ListDefinition(
    "came-otherwise",
    "Came otherwise than foreseen",
    "What stands here was foreseen. Open a patient to see what became of them in the run.",
    trait=Trait.MARKED,
)
"""Known once a run was held against the preview."""

PREVIEW_LISTS: Mapping[str, ListDefinition] = {
    one.key: one
    for one in (
        *(WIDENING, DISSENT_NOT_SENT, TO_BE_SENT, UNTOLD, ON_SPINE, CONVERTED, IMPLIED, MISMATCH, NOT_REQUIRED),
        *(FAILING, NOT_FORESEEN, NOT_LOOKED_AT, SEVERAL_TERMS, FUTURE_DATED, EVERYBODY),
    )
}
"""Every list of a preview, by its key."""
