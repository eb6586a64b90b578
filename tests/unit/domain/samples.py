"""Records and entries for the rules' tests: builders with quiet defaults, strategies, and a small stand-in for storage.

Nothing here knows a rule; which codes there are and what they become is written out from the terms' table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from app.domain.decision import Decision, Permission, SpineConsent, Summary
from app.domain.patient import ConsentEntry, PatientRecord, RegistrationStatus

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)

VALID_NUMBER = "9990000018"

LEGACY = {"93C2.": "9Ndn.", "93C3.": "9Ndo."}
DISSENTS = ("93C3.", "9Ndo.")
CURRENT_CONSENTS = ("9Ndl.", "9Ndm.", "9Ndn.")
SIX_CODES = ("93C2.", "93C3.", "9Ndl.", "9Ndm.", "9Ndn.", "9Ndo.")
OTHER_CODES = ("93C0.", "93C1.", "9Nd1.", "9Nd7.")


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    """An entry time, UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def entry(
    code: str, event_date: date = YESTERDAY, recorded_at: datetime | None = None, entry_id: int = 0
) -> ConsentEntry:
    return ConsentEntry(entry_id, code, event_date, recorded_at)


def in_file_order(*entries: ConsentEntry) -> tuple[ConsentEntry, ...]:
    """The entries with the ids a database gives them as they come in."""
    return tuple(replace(one, entry_id=number) for number, one in enumerate(entries, start=1))


def record(
    *entries: ConsentEntry,
    nhs_number: str | None = VALID_NUMBER,
    registration: RegistrationStatus = RegistrationStatus.PERMANENT,
    fp69: bool = False,
    sensitive: bool = False,
    pds_linked: bool = True,
    record_in_use: bool = False,
) -> PatientRecord:
    """A permanent, linked patient with a valid number and these entries, unless told otherwise."""
    return PatientRecord(
        patient_id=7,
        nhs_number=nhs_number,
        registration=registration,
        fp69=fp69,
        sensitive=sensitive,
        pds_linked=pds_linked,
        record_in_use=record_in_use,
        consent_version=1,
        entries=in_file_order(*entries),
    )


def applied(decision: Decision, patient: PatientRecord, today: date = TODAY) -> PatientRecord:
    """The record as storage leaves it after a decision: codes replaced in place, implied consent added at the end."""
    new_codes = {one.entry_id: one.new_code for one in decision.conversions}
    entries = [replace(one, code=new_codes.get(one.entry_id, one.code)) for one in patient.entries]
    if decision.add_implied_consent:
        entries.append(ConsentEntry(len(entries) + 1, "9Ndl.", today, at(12, day=today)))
    return replace(patient, entries=tuple(entries))


def dissents_among(entries: Iterable[ConsentEntry]) -> list[int]:
    """The ids of the entries that are dissents, by their codes."""
    return [one.entry_id for one in entries if one.code in DISSENTS]


ANSWERS = [SpineConsent(summary, permission) for summary in Summary for permission in Permission]

event_dates = st.integers(-4, 4).map(lambda days: TODAY + timedelta(days=days))
future_dates = st.integers(1, 4).map(lambda days: TODAY + timedelta(days=days))
entry_times = st.none() | st.integers(8, 12).map(at)
consent_entries = st.builds(
    entry, st.sampled_from(SIX_CODES + OTHER_CODES), event_date=event_dates, recorded_at=entry_times
)
idle_entries = st.builds(
    entry, st.sampled_from(OTHER_CODES), event_date=event_dates, recorded_at=entry_times
) | st.builds(entry, st.sampled_from(SIX_CODES), event_date=future_dates, recorded_at=entry_times)
# Records in which nothing counts are drawn as often as others: there the Spine's answer decides most.
entry_lists = (st.lists(consent_entries, max_size=6) | st.lists(idle_entries, max_size=3)).map(
    lambda entries: in_file_order(*entries)
)
rarely = st.sampled_from([False, False, False, True])
answers = st.sampled_from(ANSWERS)


@st.composite
def asked_records(draw: st.DrawFn) -> PatientRecord:
    """Patients of whom the Spine is asked."""
    return record(*draw(entry_lists), fp69=draw(rarely), sensitive=draw(rarely))


@st.composite
def any_records(draw: st.DrawFn) -> PatientRecord:
    """Any patient whatever, those of whom the Spine is not asked among them."""
    return record(
        *draw(entry_lists),
        nhs_number=draw(st.sampled_from([VALID_NUMBER, VALID_NUMBER, None, "9990000019"])),
        registration=draw(st.just(RegistrationStatus.PERMANENT) | st.sampled_from(RegistrationStatus)),
        fp69=draw(rarely),
        sensitive=draw(rarely),
        pds_linked=not draw(rarely),
        record_in_use=draw(rarely),
    )
