"""How what is known of a patient reads: names, numbers, dates, terms, and what the Spine holds. No widgets."""

from __future__ import annotations

from datetime import date, datetime

from app.clock import london_text
from app.domain.decision import Permission, Summary
from app.domain.outcomes import REASON_LABELS, Reason
from app.domain.patient import RegistrationStatus
from app.domain.terms import NO_PREFERENCE, TERMS, TermKind
from app.engine.patient_line import Handling, Look

NOTHING = "–"
"""Where there is nothing to say yet."""

_SHORT_TERMS = {
    TermKind.DISSENT: "Dissent",
    TermKind.EXPRESS_CONSENT: "Express consent",
    TermKind.IMPLIED_CONSENT: "Implied consent",
}

REGISTRATION_WORDS: dict[RegistrationStatus, str] = {
    RegistrationStatus.APPLIED: "Applied",
    RegistrationStatus.PERMANENT: "Permanent",
    RegistrationStatus.TEMPORARY: "Temporary",
    RegistrationStatus.TRANSFERRED_OUT: "Transferred out",
    RegistrationStatus.DECEASED: "Deceased",
}

SUMMARY_WORDS: dict[Summary, str] = {Summary.YES: "Yes", Summary.NO: "No", Summary.NOT_TOLD: "Not told"}

PERMISSION_WORDS: dict[Permission, str] = {
    Permission.NO: "Dissent (No)",
    Permission.ASK: "No dissent (Ask)",
    Permission.YES: "No dissent (Yes)",
    Permission.NOT_TOLD: "Not told",
}


def spaced_number(number: str | None) -> str:
    """An NHS number as people read it: 999 123 4567."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else "none"


def day(when: date) -> str:
    """A date as staff read it: 29/02/2020."""
    return f"{when:%d/%m/%Y}"


def time_of(instant: datetime | None) -> str:
    """A time as staff read it: 21/11/2026 22:04."""
    return london_text(instant) if instant is not None else NOTHING


def term(code: str | None) -> str:
    """A consent code with what it says: Dissent (9Ndo.); where there is none, No Preference Expressed."""
    if code is None:
        return NOTHING
    if not code:
        return NO_PREFERENCE
    known = TERMS.get(code)
    if known is None:
        return code
    said = _SHORT_TERMS[known.kind]
    return f"{f'Old {said[0].lower()}{said[1:]}' if known.is_legacy else said} ({code})"


def summary(told: Summary | None) -> str:
    """Whether the Spine holds a summary."""
    return SUMMARY_WORDS[told] if told is not None else NOTHING


def permission(held: Permission | None) -> str:
    """What the Spine holds of the patient's consent."""
    return PERMISSION_WORDS[held] if held is not None else NOTHING


def reason(told: Reason | None) -> str:
    """A reason in a few words."""
    return REASON_LABELS[told] if told is not None else NOTHING


def mark(made: Handling | None) -> str:
    """How a patient is marked on a worklist."""
    if made is None:
        return NOTHING
    if not made.dealt_with:
        return "To do"
    return "Dealt with" if made.counts else "Found again"


def note(made: Handling | None) -> str:
    """The note of a mark."""
    return made.note if made is not None and made.note else NOTHING


def look(taken: Look | None) -> str:
    """What the latest look at a patient on the Spine told, and when."""
    return f"{permission(taken.consent.permission)}, {time_of(taken.at)}" if taken is not None else NOTHING
