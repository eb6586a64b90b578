"""What must hold of every decision, whatever the record and the answer."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decision import (
    DISSENT_REFUSAL,
    NO_SUMMARY,
    Conversion,
    Decision,
    Permission,
    SpineConsent,
    Summary,
    decide,
    decide_without_spine,
)
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import PatientRecord, RegistrationStatus, counting_entry, has_local_dissent
from tests.unit.domain.samples import (
    ANSWERS,
    DISSENTS,
    LEGACY,
    TODAY,
    TOMORROW,
    YESTERDAY,
    answers,
    any_records,
    applied,
    asked_records,
    at,
    dissents_among,
    entry,
    record,
)

many = settings(max_examples=300)

DISSENT_TOLD = [answer for answer in ANSWERS if answer.permission is Permission.NO]


def test_a_decision_can_ask_the_spine_for_nothing_but_a_dissent() -> None:
    """There is no field for a permission: only whether to send the one value, No."""
    assert {field.name: field.type for field in fields(Decision)} == {
        "row": "int",
        "outcome": "ItemState",
        "reason": "Reason",
        "conversions": "tuple[Conversion, ...]",
        "add_implied_consent": "bool",
        "send_dissent": "bool",
        "mismatch": "bool",
    }
    assert {field.name for field in fields(Conversion)} == {"entry_id", "old_code", "new_code"}


def test_a_decision_cannot_be_altered_once_made() -> None:
    decision = decide(record(entry("9Ndm.")), NO_SUMMARY, TODAY)

    for field in fields(Decision):
        try:
            setattr(decision, field.name, True)
        except AttributeError:
            continue
        raise AssertionError(field.name)


def test_the_two_answers_with_a_name_are_what_the_page_calls_them() -> None:
    """403 with 30418 is the answer "dissent", summary not told; total 0 is "no summary, consent not told"."""
    assert SpineConsent(Summary.NOT_TOLD, Permission.NO) == DISSENT_REFUSAL
    assert SpineConsent(Summary.NO, Permission.NOT_TOLD) == NO_SUMMARY


@many
@given(any_records(), answers)
def test_only_a_dissent_held_here_and_not_there_is_sent(patient: PatientRecord, answer: SpineConsent) -> None:
    decision = decide(patient, answer, TODAY)

    asked = decide_without_spine(patient) is None
    owed = has_local_dissent(patient.entries, TODAY) and answer.permission is not Permission.NO
    assert decision.send_dissent is (asked and owed)
    assert (decision.outcome is ItemState.SENT) is decision.send_dissent


@many
@given(asked_records(), answers)
def test_a_local_dissent_is_sent_or_already_there(patient: PatientRecord, answer: SpineConsent) -> None:
    decision = decide(patient, answer, TODAY)

    if has_local_dissent(patient.entries, TODAY):
        assert decision.send_dissent or decision.reason is Reason.ALREADY_ON_SPINE
        assert (decision.reason is Reason.ALREADY_ON_SPINE) is (answer.permission is Permission.NO)


@many
@given(any_records(), answers)
def test_implied_consent_needs_a_positive_read_and_a_silent_record(
    patient: PatientRecord, answer: SpineConsent
) -> None:
    if decide(patient, answer, TODAY).add_implied_consent:
        assert answer.summary is Summary.YES
        assert answer.permission in {Permission.ASK, Permission.YES}
        assert counting_entry(patient.entries, TODAY) is None
        assert dissents_among(patient.entries) == []
        assert (patient.fp69, patient.sensitive, patient.record_in_use, patient.pds_linked) == (
            False,
            False,
            False,
            True,
        )
        assert patient.registration is RegistrationStatus.PERMANENT


@many
@given(any_records())
def test_without_the_spine_no_protection_changes(patient: PatientRecord) -> None:
    decision = decide_without_spine(patient)

    if decision is not None:
        assert (decision.send_dissent, decision.add_implied_consent) == (False, False)
        assert decision.outcome in {ItemState.FAILED, ItemState.NOT_REQUIRED}


@many
@given(any_records(), answers)
def test_dissent_is_never_weakened(patient: PatientRecord, answer: SpineConsent) -> None:
    after = applied(decide(patient, answer, TODAY), patient)

    assert dissents_among(after.entries) == dissents_among(patient.entries)
    assert has_local_dissent(after.entries, TODAY) == has_local_dissent(patient.entries, TODAY)


@many
@given(any_records(), answers)
def test_conversion_never_changes_which_entry_counts(patient: PatientRecord, answer: SpineConsent) -> None:
    decision = replace(decide(patient, answer, TODAY), add_implied_consent=False)
    before, after = patient.entries, applied(decision, patient).entries

    for today in (YESTERDAY, TODAY, TOMORROW):
        counted, counts = counting_entry(before, today), counting_entry(after, today)
        assert (counted and counted.entry_id) == (counts and counts.entry_id)


@many
@given(asked_records(), answers)
def test_the_flags_change_nothing_but_implied_consent(patient: PatientRecord, answer: SpineConsent) -> None:
    """Row 12: as rows 1 to 11, but 9Ndl. is never added."""
    flagged = decide(replace(patient, fp69=True), answer, TODAY)
    plain = decide(replace(patient, fp69=False, sensitive=False), answer, TODAY)

    assert not flagged.add_implied_consent
    if plain.row != 7:
        assert flagged == plain
    else:
        assert (flagged.row, flagged.outcome, flagged.conversions) == (12, plain.outcome, plain.conversions)


@many
@given(asked_records(), answers)
def test_a_mismatch_is_a_dissent_there_that_is_not_held_here(patient: PatientRecord, answer: SpineConsent) -> None:
    decision = decide(patient, answer, TODAY)

    expected = answer.permission is Permission.NO and not has_local_dissent(patient.entries, TODAY)
    assert decision.mismatch is expected
    assert (decision.reason is Reason.DISSENT_ON_SPINE) is expected


@dataclass(frozen=True)
class StoredEntry:
    """An entry as a practice database keeps it."""

    entry_id: int
    code: str
    event_date: date
    recorded_at: datetime | None
    author: str


def convert(stored: list[StoredEntry], conversions: tuple[Conversion, ...]) -> list[StoredEntry]:
    """Carry out conversions as they say: the entry with this id and this code gets that code."""
    rows = {row.entry_id: row for row in stored}
    for one in conversions:
        assert rows[one.entry_id].code == one.old_code, "the entry is not what the decision was made on"
        rows[one.entry_id] = replace(rows[one.entry_id], code=one.new_code)
    return list(rows.values())


@many
@given(any_records(), answers, st.lists(st.text(max_size=5), min_size=6, max_size=6))
def test_conversion_keeps_number_dates_authors_and_order(
    patient: PatientRecord, answer: SpineConsent, authors: list[str]
) -> None:
    before = [
        StoredEntry(one.entry_id, one.code, one.event_date, one.recorded_at, author)
        for one, author in zip(patient.entries, authors, strict=False)
    ]
    decision = decide(patient, answer, TODAY)

    after = convert(before, decision.conversions)

    assert [replace(row, code="") for row in after] == [replace(row, code="") for row in before]
    untouched = decision.row in {0, 15}
    assert [row.code for row in after] == [row.code if untouched else LEGACY.get(row.code, row.code) for row in before]
    assert len({one.entry_id for one in decision.conversions}) == len(decision.conversions)


def what_the_spine_tells_next(decision: Decision, answer: SpineConsent) -> SpineConsent:
    """The same as before, but that a dissent sent is now held."""
    return replace(answer, permission=Permission.NO) if decision.send_dissent else answer


@many
@given(any_records(), answers)
def test_a_second_pass_changes_nothing_and_sends_nothing(patient: PatientRecord, answer: SpineConsent) -> None:
    first = decide(patient, answer, TODAY)
    after = applied(first, patient)

    second = decide(after, what_the_spine_tells_next(first, answer), TODAY)

    assert (second.conversions, second.add_implied_consent, second.send_dissent) == ((), False, False)
    assert second.mismatch is first.mismatch
    if first.send_dissent:
        assert second.reason is Reason.ALREADY_ON_SPINE


@many
@given(asked_records(), answers, st.sampled_from(DISSENTS), st.sampled_from(DISSENT_TOLD))
def test_a_dissenter_of_whom_the_spine_tells_nothing_is_sent_again(
    patient: PatientRecord, answer: SpineConsent, code: str, told: SpineConsent
) -> None:
    """The one exception of the contract's third line: nothing told means sent, told means left alone."""
    dissenter = replace(patient, entries=(*patient.entries, entry(code, TODAY, at(9), entry_id=99), entry(code, TODAY)))
    after = applied(decide(dissenter, answer, TODAY), dissenter)

    assert decide(after, NO_SUMMARY, TODAY).send_dissent
    assert not decide(after, told, TODAY).send_dissent


def test_a_record_shows_no_nhs_number_in_its_representation() -> None:
    patient = record(entry("9Ndo."))

    assert str(patient.nhs_number) not in f"{patient!r} {patient}"
