"""The decision table of the Consent Migration: one patient in, what is to be done out.

The only value this process ever asks the Spine to hold is No, so a decision says whether
to send it and nothing else can be asked for; implied consent is added only on a positive answer of the Spine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain import nhs_number
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import (
    ConsentEntry,
    PatientRecord,
    RegistrationStatus,
    counting_entry,
    has_future_dated_dissent,
)


class Permission(StrEnum):
    """The View permission as the Spine's Access Control Service (ACS) tells it."""

    YES = "Yes"
    NO = "No"
    ASK = "Ask"
    NOT_TOLD = "not_told"


class Summary(StrEnum):
    """Whether the Spine holds a summary of the patient."""

    YES = "yes"
    NO = "no"
    NOT_TOLD = "not_told"


@dataclass(frozen=True, slots=True)
class SpineConsent:
    """What one strictly understood answer of the Spine tells about a patient."""

    summary: Summary
    permission: Permission


DISSENT_REFUSAL = SpineConsent(Summary.NOT_TOLD, Permission.NO)
NO_SUMMARY = SpineConsent(Summary.NO, Permission.NOT_TOLD)
NOTHING_ASKED = SpineConsent(Summary.NOT_TOLD, Permission.NOT_TOLD)
"""What is known of the Spine where nobody has asked it; no answer of the Spine says this."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One legacy entry and the current code that takes its place; date, time, author and order stay."""

    entry_id: int
    old_code: str
    new_code: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about one patient.

    With `send_dissent` the outcome is Sent once the Spine has accepted a No, and `outcome` holds that hoped-for end.
    `row` is the table's; 0 for a patient who is not in the table at all, having left the active list.
    """

    row: int
    outcome: ItemState
    reason: Reason
    conversions: tuple[Conversion, ...] = ()
    add_implied_consent: bool = False
    send_dissent: bool = False
    mismatch: bool = False


def conversions_of(entries: Iterable[ConsentEntry]) -> tuple[Conversion, ...]:
    """Every legacy entry with the code it becomes, future-dated ones too."""
    return tuple(
        Conversion(entry.entry_id, entry.code, entry.term.becomes)
        for entry in entries
        if entry.term is not None and entry.term.becomes is not None
    )


def decide_without_spine(record: PatientRecord) -> Decision | None:
    """The rows that need no answer of the Spine, in the page's order: 15, 16, 14, 13; None when it must be asked.

    Before them all: nothing is touched of a patient who left the active list after the cohort was frozen (consent
    rules, section 3; faults, row 43).
    """
    if not record.registration.is_active:
        return Decision(0, ItemState.NOT_REQUIRED, Reason.NO_LONGER_ACTIVE)
    if record.record_in_use:
        return Decision(15, ItemState.FAILED, Reason.RECORD_IN_USE)
    conversions = conversions_of(record.entries)
    if not nhs_number.is_valid(record.nhs_number):
        return Decision(16, ItemState.FAILED, Reason.NHS_NUMBER_INVALID, conversions)
    if not record.pds_linked:
        return Decision(14, ItemState.FAILED, Reason.PDS_MISMATCH, conversions)
    if record.registration is RegistrationStatus.APPLIED:
        return Decision(13, ItemState.NOT_REQUIRED, Reason.NOT_PERMANENT_YET, conversions)
    return None


def decide(record: PatientRecord, spine: SpineConsent, today: date) -> Decision:
    """What to do about a patient of whom the Spine has been asked: rows 1 to 12.

    `today` is the date in England. Should one of the rows of `decide_without_spine` apply, it wins whatever the Spine
    said: what it told may then be about somebody else.
    """
    settled = decide_without_spine(record)
    if settled is not None:
        return settled
    conversions = conversions_of(record.entries)
    counting = counting_entry(record.entries, today)
    dissent_on_spine = spine.permission is Permission.NO
    if counting is None:
        return _decide_without_preference(record, spine, today, conversions)
    if counting.is_dissent:
        return _decide_dissent(counting.is_legacy, dissent_on_spine, conversions)
    return _decide_consent(counting.is_legacy, dissent_on_spine, conversions)


def _decide_dissent(legacy: bool, dissent_on_spine: bool, conversions: tuple[Conversion, ...]) -> Decision:
    """Rows 1 to 4: whatever else the Spine tells, a dissent held here is sent unless it is there already."""
    if dissent_on_spine:
        return Decision(2 if legacy else 4, ItemState.NOT_REQUIRED, Reason.ALREADY_ON_SPINE, conversions)
    return Decision(1 if legacy else 3, ItemState.SENT, Reason.DISSENT_SENT, conversions, send_dissent=True)


def _decide_consent(legacy: bool, dissent_on_spine: bool, conversions: tuple[Conversion, ...]) -> Decision:
    """Rows 5, 6, 10 and 11: consent held here changes nothing on the Spine, where a dissent stands as it is."""
    if dissent_on_spine:
        return _mismatch(6 if legacy else 11, conversions)
    if legacy:
        return Decision(5, ItemState.NOT_REQUIRED, Reason.LEGACY_CONSENT_CONVERTED, conversions)
    return Decision(10, ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO, conversions)


def _decide_without_preference(
    record: PatientRecord, spine: SpineConsent, today: date, conversions: tuple[Conversion, ...]
) -> Decision:
    """Rows 7, 8 and 9, and 12 as it changes 7: nothing counts here; only future-dated entries can need converting."""
    if spine.permission is Permission.NO:
        return _mismatch(8, conversions)
    no_dissent_told = spine.permission in {Permission.ASK, Permission.YES}
    if spine.summary is not Summary.YES or not no_dissent_told:
        return Decision(9, ItemState.NOT_REQUIRED, Reason.NO_PREFERENCE_EXPRESSED, conversions)
    if record.fp69:
        return Decision(12, ItemState.NOT_REQUIRED, Reason.FP69, conversions)
    if record.sensitive:
        return Decision(12, ItemState.NOT_REQUIRED, Reason.SENSITIVE, conversions)
    if has_future_dated_dissent(record.entries, today):
        return Decision(7, ItemState.NOT_REQUIRED, Reason.FUTURE_DATED_DISSENT, conversions)
    return Decision(7, ItemState.NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED, conversions, add_implied_consent=True)


def _mismatch(row: int, conversions: tuple[Conversion, ...]) -> Decision:
    """A dissent on the Spine that is not held here: left as it is, for staff to settle with the patient."""
    return Decision(row, ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, conversions, mismatch=True)
