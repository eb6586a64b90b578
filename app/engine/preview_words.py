"""What staff read about a preview, in the window and at the terminal alike: what would happen, what is left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain.actions import FAMILIES
from app.domain.outcomes import REASON_LABELS, Reason
from app.domain.phrases import about, count, patients
from app.domain.states import STOP_WORDS, RunStatus
from app.engine.preview import Depth, Preview
from app.engine.preview_compare import DIFFERENCE_WORDS, Comparison
from app.engine.preview_lists import (
    CONVERTED,
    DISSENT_NOT_SENT,
    FAILING,
    IMPLIED,
    MISMATCH,
    NOT_FORESEEN,
    NOT_LOOKED_AT,
    NOT_REQUIRED,
    ON_SPINE,
    TO_BE_SENT,
    UNTOLD,
    WIDENING,
)
from app.engine.preview_numbers import Cause
from app.engine.run_lists import ListDefinition

NOTHING_WRITTEN = "Nothing was sent to the Spine, and nothing was changed in the practice's records."

LEFT_OPEN = (
    "The Spine was not asked. That leaves open who has a summary there and would be given 9Ndl., whose dissent the "
    "Spine holds already, and where it holds a dissent that is not recorded here."
)

CAUSE_WORDS: Mapping[Cause, str] = {
    Cause.APPLIED: "the registration is Applied",
    Cause.UNLINKED: "the record is not linked with PDS",
    Cause.IN_USE: "the record is open on another computer",
    Cause.NUMBER: "the NHS number is missing or not valid",
    Cause.FUTURE_DATED: "the dissent is dated in the future",
    Cause.REFUSED: "the Spine refuses it",
    Cause.NOT_FORESEEN: "it could not be foreseen",
}

FORESEEN_LABELS: Mapping[Reason, str] = {
    Reason.DISSENT_SENT: "Dissent to be sent",
    Reason.NOT_TOLD: "Dissent to be sent again",
    Reason.CONFIRMED_BY_READ: "Dissent there by now",
    Reason.LEGACY_CONSENT_CONVERTED: "Old consent to be converted",
    Reason.IMPLIED_CONSENT_ADDED: "Implied consent to be added",
}
"""Where a reason's own label would say that something has been done."""

_LEFT_OPEN_LABELS = {
    Reason.NO_PREFERENCE_EXPRESSED: "No consent recorded",
    Reason.NOTHING_TO_DO: "Consent recorded",
}
"""Where nobody knows without the Spine what would become of a patient: what is recorded, and no more."""

FORESEEN_WORDS: Mapping[Reason, str] = {
    Reason.DISSENT_SENT: "The dissent would be sent to the Spine.",
    Reason.NOT_TOLD: "The dissent would be sent again: the Spine does not tell what it holds for this patient.",
    Reason.CONFIRMED_BY_READ: "A dissent that was sent before is there: it would be noted as sent.",
    Reason.LEGACY_CONSENT_CONVERTED: "The old consent term would be replaced by the current one.",
    Reason.IMPLIED_CONSENT_ADDED: "The patient has a summary and no consent recorded: 9Ndl. would be added.",
    Reason.FP69: "Implied consent would not be added: the patient is flagged FP69.",
    Reason.SENSITIVE: "Implied consent would not be added: the record is marked sensitive.",
    Reason.FUTURE_DATED_DISSENT: "Implied consent would not be added: a dissent is dated in the future.",
    Reason.SPINE_REJECTED: "The Spine refuses the request for this patient.",
    Reason.ANSWER_NOT_UNDERSTOOD: "It could not be foreseen: the Spine's answer could not be understood.",
    Reason.SPINE_UNAVAILABLE: "It could not be foreseen: the Spine did not answer for this patient.",
    Reason.OUTCOME_UNKNOWN: "It could not be foreseen: whether an earlier dissent arrived is not known.",
    Reason.INTERNAL_ERROR: "It could not be foreseen: the program met an error it did not expect with this patient.",
    Reason.RECORD_IN_USE: "The record is open on another computer. Close it there before the run.",
    Reason.PDS_MISMATCH: "The record is not linked with PDS. Link it before the run.",
    Reason.NHS_NUMBER_INVALID: "The NHS number is missing or not valid. Correct it before the run.",
}
"""Where a reason's own sentence would say that something has been done, or what to press after a run."""


def headline(preview: Preview) -> str:
    """The one sentence above everything else."""
    view, press = preview.view, preview.wish.press
    label = FAMILIES[press.family].actions[press.action].label
    whom = patients(view.counts.total) if press.group is None else f"{patients(view.counts.total)} of {press.group}"
    where = "the Spine was asked" if preview.wish.depth is Depth.SPINE else "from this practice's records alone"
    return f"What {label} would do for {whom}: {where}."


def stopped_short(preview: Preview) -> str:
    """That the preview has not come to everybody, and why; empty where it has."""
    view = preview.view
    if view.status is RunStatus.COMPLETED:
        return ""
    reason = "" if view.stop_reason is None else STOP_WORDS[view.stop_reason].split(".")[0] + ". "
    left = patients(preview.foreseen.sizes[NOT_LOOKED_AT.key])
    return f"{reason}{left} not looked at: the numbers are those of the rest."


def widening_words(preview: Preview) -> str:
    """The first warning: consents that come to mean more than they did; empty where there are none."""
    number = preview.foreseen.sizes[WIDENING.key]
    if not number:
        return ""
    return (
        f"The consent of {patients(number)} widens to core and additional data: 93C2. becomes 9Ndn. "
        "Look through the list before the run."
    )


def not_sent_words(preview: Preview) -> str:
    """The second warning: dissents that the Spine would not learn of, by cause; empty where there are none."""
    number = preview.foreseen.sizes[DISSENT_NOT_SENT.key]
    if not number:
        return ""
    causes = "; ".join(f"{count(many)} because {CAUSE_WORDS[cause]}" for cause, many in preview.foreseen.causes.items())
    dissents = "1 dissent would" if number == 1 else f"{count(number)} dissents would"
    return f"{dissents} not be sent: {causes}."


def time_words(preview: Preview) -> str:
    """How long the run would take, in a sentence; empty where that is not known."""
    seconds = preview.foreseen.seconds
    return "" if seconds is None else f"It would take {about(seconds)} at the pace that is set."


def sentences(preview: Preview) -> list[str]:
    """Everything there is to say beside the numbers, the headline first and what speaks for care next."""
    open_words = "" if preview.wish.depth is Depth.SPINE else LEFT_OPEN
    said = (
        headline(preview),
        stopped_short(preview),
        widening_words(preview),
        not_sent_words(preview),
        time_words(preview),
        open_words,
        NOTHING_WRITTEN,
    )
    return [words for words in said if words]


_WITH_SPINE = (
    (TO_BE_SENT, "Dissents to be sent"),
    (UNTOLD, "Of these, may be refused: the Spine tells nothing of them"),
    (ON_SPINE, "Dissent on the Spine already"),
    (IMPLIED, "Implied consent (9Ndl.) to be added"),
    (CONVERTED, "Old terms to be converted"),
    (MISMATCH, "Dissent on the Spine, not here"),
    (NOT_REQUIRED, "Not required"),
    (FAILING, "Likely to fail"),
    (NOT_FORESEEN, "Could not be foreseen"),
    (NOT_LOOKED_AT, "Not looked at"),
)
_RECORDS_ALONE = (
    (TO_BE_SENT, "Dissents to be sent, unless the Spine holds them"),
    (CONVERTED, "Old terms to be converted"),
    (NOT_REQUIRED, "No message required, as far as can be told"),
    (FAILING, "Likely to fail"),
    (NOT_LOOKED_AT, "Not looked at"),
)

MOST_LINES = max(len(_WITH_SPINE), len(_RECORDS_ALONE))
"""How many numbers there are at most."""


def number_lines(preview: Preview) -> list[tuple[str, str, int]]:
    """The numbers, each with its list's key and its words; those that are only worth a word where there are some are
    left out at nought.
    """
    quiet = {UNTOLD.key, NOT_FORESEEN.key, NOT_LOOKED_AT.key}
    shown = _WITH_SPINE if preview.wish.depth is Depth.SPINE else _RECORDS_ALONE
    sizes = preview.foreseen.sizes
    return [
        (one.key, f"{words}{_reasons_of(one, preview)}", sizes[one.key])
        for one, words in shown
        if sizes[one.key] or one.key not in quiet
    ]


def _reasons_of(definition: ListDefinition, preview: Preview) -> str:
    """Why the patients of a list are on it, where that can be for more than one reason: how many for each."""
    if definition not in {NOT_REQUIRED, FAILING, NOT_FORESEEN}:
        return ""
    found = [
        f"{label_of(one.reason, preview.wish.depth)} {count(one.patients)}"
        for one in preview.foreseen.reasons
        if one.reason is not None
        and one.state in definition.states
        and (not definition.reasons or one.reason in definition.reasons)
    ]
    return f" ({', '.join(found)})" if found else ""


def label_of(reason: Reason, depth: Depth) -> str:
    """A reason in a few words, as something that has not happened yet."""
    if depth is Depth.RECORDS and reason in _LEFT_OPEN_LABELS:
        return _LEFT_OPEN_LABELS[reason]
    return FORESEEN_LABELS.get(reason, REASON_LABELS[reason])


def comparison_words(compared: Comparison) -> Sequence[str]:
    """How the run came out against the preview: first the sentence, then each difference."""
    if not compared.differ:
        return [f"It came as foreseen for all {patients(compared.as_foreseen)}."]
    lines = [f"As foreseen: {patients(compared.as_foreseen)}. Otherwise: {patients(compared.differ)}."]
    return lines + [f"{patients(many)}: {DIFFERENCE_WORDS[kind]}" for kind, many in compared.differing.items()]
