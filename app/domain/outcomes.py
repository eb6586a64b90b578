"""What can become of a patient in a run: the five counters and the reasons behind them.

The words are file formats and database values; the sentences staff read stand beside them, once.
"""

from __future__ import annotations

from enum import StrEnum


class ItemState(StrEnum):
    """Where one patient of a run stands; these are the screen's five counters."""

    UNPROCESSED = "unprocessed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    NOT_REQUIRED = "not_required"


class Reason(StrEnum):
    """Why a patient's outcome is what it is."""

    # Sent
    DISSENT_SENT = "dissent_sent"
    NOT_TOLD = "not_told"
    CONFIRMED_BY_READ = "confirmed_by_read"
    # Not Required
    ALREADY_ON_SPINE = "already_on_spine"
    LEGACY_CONSENT_CONVERTED = "legacy_consent_converted"
    DISSENT_ON_SPINE = "dissent_on_spine"
    IMPLIED_CONSENT_ADDED = "implied_consent_added"
    NO_PREFERENCE_EXPRESSED = "no_preference_expressed"
    NOTHING_TO_DO = "nothing_to_do"
    FP69 = "fp69"
    SENSITIVE = "sensitive"
    FUTURE_DATED_DISSENT = "future_dated_dissent"
    NOT_PERMANENT_YET = "not_permanent_yet"
    NO_LONGER_ACTIVE = "no_longer_active"
    # Failed
    PDS_MISMATCH = "pds_mismatch"
    RECORD_IN_USE = "record_in_use"
    NHS_NUMBER_INVALID = "nhs_number_invalid"
    SPINE_REJECTED = "spine_rejected"
    ANSWER_NOT_UNDERSTOOD = "answer_not_understood"
    SPINE_UNAVAILABLE = "spine_unavailable"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CONFLICT = "conflict"
    INTERNAL_ERROR = "internal_error"


STATE_LABELS: dict[ItemState, str] = {
    ItemState.UNPROCESSED: "Unprocessed",
    ItemState.SENDING: "Sending",
    ItemState.SENT: "Sent",
    ItemState.FAILED: "Failed",
    ItemState.NOT_REQUIRED: "Not Required",
}
"""What the counters, and the columns of lists, are called."""

REASON_WORDS: dict[Reason, str] = {
    Reason.DISSENT_SENT: "The dissent was sent to the Spine.",
    Reason.NOT_TOLD: "The dissent was sent again: the Spine does not tell what it holds for this patient.",
    Reason.CONFIRMED_BY_READ: "The answer to the dissent was lost; reading the Spine back showed that it is there.",
    Reason.ALREADY_ON_SPINE: "The Spine holds this dissent already.",
    Reason.LEGACY_CONSENT_CONVERTED: "The old consent term was replaced by the current one.",
    Reason.DISSENT_ON_SPINE: "The Spine holds a dissent that the practice's record does not: ask the patient.",
    Reason.IMPLIED_CONSENT_ADDED: "The patient has a summary and no consent recorded: implied consent was added.",
    Reason.NO_PREFERENCE_EXPRESSED: "No summary on the Spine and no consent recorded here.",
    Reason.NOTHING_TO_DO: "Consent is recorded here and the Spine tells of no dissent: nothing to do.",
    Reason.FP69: "Implied consent was not added: the patient is flagged FP69.",
    Reason.SENSITIVE: "Implied consent was not added: the record is marked sensitive.",
    Reason.FUTURE_DATED_DISSENT: "Implied consent was not added: a dissent is dated in the future. Check its year.",
    Reason.NOT_PERMANENT_YET: "The registration is Applied: consent is sent once it is Permanent.",
    Reason.NO_LONGER_ACTIVE: "The patient left the practice's active list after the run began.",
    Reason.PDS_MISMATCH: "The record is not linked with PDS. Link it, then press Failed.",
    Reason.RECORD_IN_USE: "The record was open on another computer. Close it there, then press Failed.",
    Reason.NHS_NUMBER_INVALID: "The NHS number is missing or not valid. Correct it, then press Failed.",
    Reason.SPINE_REJECTED: "The Spine refused the request for this patient. See Details, then press Failed.",
    Reason.ANSWER_NOT_UNDERSTOOD: "The Spine's answer could not be understood: nothing was assumed. Press Failed.",
    Reason.SPINE_UNAVAILABLE: "The Spine did not answer for this patient. Press Failed to try again.",
    Reason.OUTCOME_UNKNOWN: "It is not known whether the dissent arrived. Press Failed: it is checked, then sent.",
    Reason.CONFLICT: "Somebody else changed this patient's consent on the Spine. Look at it before pressing Failed.",
    Reason.INTERNAL_ERROR: "The program met an error it did not expect with this patient. Press Failed to try again.",
}

REASON_LABELS: dict[Reason, str] = {
    Reason.DISSENT_SENT: "Dissent sent",
    Reason.NOT_TOLD: "Dissent sent again",
    Reason.CONFIRMED_BY_READ: "Dissent confirmed by reading",
    Reason.ALREADY_ON_SPINE: "Already on the Spine",
    Reason.LEGACY_CONSENT_CONVERTED: "Old consent converted",
    Reason.DISSENT_ON_SPINE: "Dissent on the Spine, not here",
    Reason.IMPLIED_CONSENT_ADDED: "Implied consent added",
    Reason.NO_PREFERENCE_EXPRESSED: "No Preference Expressed",
    Reason.NOTHING_TO_DO: "Nothing to do",
    Reason.FP69: "FP69",
    Reason.SENSITIVE: "Sensitive record",
    Reason.FUTURE_DATED_DISSENT: "Future-dated dissent",
    Reason.NOT_PERMANENT_YET: "Not Permanent yet",
    Reason.NO_LONGER_ACTIVE: "No longer active",
    Reason.PDS_MISMATCH: "PDS mismatch",
    Reason.RECORD_IN_USE: "Record in use",
    Reason.NHS_NUMBER_INVALID: "NHS number missing or invalid",
    Reason.SPINE_REJECTED: "Refused by the Spine",
    Reason.ANSWER_NOT_UNDERSTOOD: "Answer not understood",
    Reason.SPINE_UNAVAILABLE: "Spine did not answer",
    Reason.OUTCOME_UNKNOWN: "Not known whether it arrived",
    Reason.CONFLICT: "Changed by somebody else",
    Reason.INTERNAL_ERROR: "Unexpected error",
}
"""The reasons in a few words, for the columns and filters of lists."""
