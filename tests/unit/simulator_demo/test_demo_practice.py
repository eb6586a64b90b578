"""The demonstration practice, judged by the program's own rules: every decision row, real proportions, sound rows."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter, deque
from collections.abc import Iterable, Sequence, Sized
from datetime import UTC, date
from functools import cache

import pytest

from app.domain import nhs_number
from app.domain.decision import (
    DISSENT_REFUSAL,
    NO_SUMMARY,
    Decision,
    Permission,
    SpineConsent,
    Summary,
    decide,
    decide_without_spine,
)
from app.domain.outcomes import Reason
from app.domain.patient import ConsentEntry, PatientRecord, RegistrationStatus, has_local_dissent
from app.domain.terms import OTHER_SHARING_CODES, TERMS
from app.simulator.demo.practice import CARE_HOME, DIABETES, NEW_REGISTRATIONS, OVER_75S, demonstration_patients
from app.simulator.demo.rows import DemoPatient

TODAY = date(2026, 3, 2)
ROWS_1_TO_11 = set(range(1, 12))


def record_of(patient: DemoPatient) -> PatientRecord:
    """The patient as the migration reads them."""
    return PatientRecord(
        patient_id=1,
        nhs_number=patient.nhs_number or None,
        registration=RegistrationStatus(patient.registration_status),
        fp69=patient.fp69,
        sensitive=patient.sensitive,
        pds_linked=patient.pds_linked,
        record_in_use=patient.record_in_use,
        consent_version=1,
        entries=tuple(
            ConsentEntry(place, entry.code, entry.event_date, entry.recorded_at)
            for place, entry in enumerate(patient.entries)
        ),
    )


def spine_answer(patient: DemoPatient) -> SpineConsent:
    """What the Spine tells about the patient."""
    if patient.spine is None:
        return NO_SUMMARY
    if patient.spine.permission == "No":
        return DISSENT_REFUSAL
    if not patient.spine.has_scr:
        return NO_SUMMARY
    return SpineConsent(Summary.YES, Permission(patient.spine.permission or "Ask"))


def decision_about(patient: DemoPatient) -> Decision | None:
    """What the rules decide, or None for a patient who is not scanned."""
    record = record_of(patient)
    if not record.registration.is_active:
        return None
    return decide_without_spine(record) or decide(record, spine_answer(patient), TODAY)


def table_row(patient: DemoPatient) -> int | None:
    """The decision row a patient ends in: 17 where the Spine refuses the dissent of somebody it does not know."""
    decision = decision_about(patient)
    if decision is None:
        return None
    return 17 if decision.send_dissent and patient.spine is None else decision.row


@cache
def practice(count: int, seed: int) -> Sequence[DemoPatient]:
    return tuple(demonstration_patients(count, seed))


def share(everybody: Sized, found: Iterable[bool]) -> float:
    return sum(found) / len(everybody)


@pytest.mark.parametrize("seed", [*range(20), -1, 2**40])
class TestFiveHundredPatients:
    """From 500 patients on, everything that can happen happens, whatever the seed."""

    def test_every_decision_row_is_there(self, seed: int) -> None:
        rows = {table_row(patient) for patient in practice(500, seed)}
        assert rows == {None, *range(1, 18)}

    def test_rows_1_to_11_are_there_with_each_flag(self, seed: int) -> None:
        for flag, reason in (("fp69", Reason.FP69), ("sensitive", Reason.SENSITIVE)):
            flagged = [patient for patient in practice(500, seed) if getattr(patient, flag)]
            assert {table_row(patient) for patient in flagged} >= (ROWS_1_TO_11 - {7}) | {12}
            assert reason in {decision.reason for decision in map(decision_about, flagged) if decision}

    def test_future_dated_dissents_hold_implied_consent_back(self, seed: int) -> None:
        held_back = [
            patient
            for patient in practice(500, seed)
            if (decision := decision_about(patient)) and decision.reason is Reason.FUTURE_DATED_DISSENT
        ]
        assert {entry.code for patient in held_back for entry in patient.entries} >= {"93C3.", "9Ndo."}

    def test_every_kind_of_permission_and_silence_of_the_spine(self, seed: int) -> None:
        told = {(patient.spine.has_scr, patient.spine.permission) for patient in practice(500, seed) if patient.spine}
        assert told >= {(has_scr, permission) for has_scr in (True, False) for permission in ("Ask", "", "No")}
        assert (True, "Yes") in told

    def test_rows_that_need_no_spine_have_terms_to_convert_and_none(self, seed: int) -> None:
        for row in (13, 14, 15, 16):
            entries = [patient.entries for patient in practice(500, seed) if table_row(patient) == row]
            assert () in entries
            assert any(entry.code in {"93C2.", "93C3."} for several in entries for entry in several)

    def test_numbers_that_are_wrong_and_numbers_that_are_missing(self, seed: int) -> None:
        numbers = [patient.nhs_number for patient in practice(500, seed)]
        assert "" in numbers
        assert any(number and not nhs_number.is_valid(number) for number in numbers)

    def test_exactly_one_dissenter_the_spine_does_not_know(self, seed: int) -> None:
        assert [table_row(patient) for patient in practice(500, seed)].count(17) == 1


class TestProportions:
    """A practice of 20,000 looks like a real one."""

    patients = staticmethod(lambda: practice(20_000, 11))

    def test_dissent(self) -> None:
        dissents = [has_local_dissent(record_of(patient).entries, TODAY) for patient in self.patients()]
        assert 0.010 < share(self.patients(), dissents) < 0.0135

    def test_an_average_practice_has_90_to_140_dissenters(self) -> None:
        for seed in (1, 2, 3):
            patients = practice(10_387, seed)
            assert 90 <= sum(has_local_dissent(record_of(patient).entries, TODAY) for patient in patients) <= 140

    def test_most_dissents_are_not_on_the_spine_yet_and_some_are(self) -> None:
        rows = Counter(map(table_row, self.patients()))
        to_send, there_already = rows[1] + rows[3], rows[2] + rows[4]
        assert 0.05 < there_already / (to_send + there_already) < 0.3

    def test_a_share_of_the_dissents_has_the_old_term(self) -> None:
        rows = Counter(map(table_row, self.patients()))
        assert 0.2 < (rows[1] + rows[2]) / (rows[1] + rows[2] + rows[3] + rows[4]) < 0.5

    def test_two_thirds_have_a_summary(self) -> None:
        summaries = [bool(patient.spine and patient.spine.has_scr) for patient in self.patients()]
        assert 0.63 < share(self.patients(), summaries) < 0.70

    def test_most_have_said_nothing_and_some_have_said_it_more_than_once(self) -> None:
        counts = [sum(entry.code in TERMS for entry in patient.entries) for patient in self.patients()]
        assert 0.6 < share(self.patients(), (count == 0 for count in counts)) < 0.75
        assert 0.02 < share(self.patients(), (count > 1 for count in counts)) < 0.12

    def test_the_spine_differs_for_a_few(self) -> None:
        mismatches = [d.mismatch for p in self.patients() if (d := decision_about(p))]
        assert 10 <= sum(mismatches) <= 60

    def test_rare_defects_stay_rare(self) -> None:
        patients = self.patients()
        assert 2 <= sum(patient.record_in_use for patient in patients) <= 12
        assert 20 <= sum(not patient.pds_linked for patient in patients) <= 90
        assert 20 <= sum(not nhs_number.is_valid(patient.nhs_number) for patient in patients) <= 70
        assert 5 <= sum(entry.event_date > TODAY for patient in patients for entry in patient.entries) <= 30

    def test_registrations(self) -> None:
        statuses = Counter(patient.registration_status for patient in self.patients())
        assert set(statuses) == set(RegistrationStatus)
        assert 0.91 < statuses["permanent"] / 20_000 < 0.96
        assert 0.008 < statuses["applied"] / 20_000 < 0.016

    def test_ages_and_sexes(self) -> None:
        ages = [TODAY.year - patient.date_of_birth.year for patient in self.patients()]
        assert 0.15 < share(ages, (age < 18 for age in ages)) < 0.25
        assert 0.15 < share(ages, (age > 65 for age in ages)) < 0.25
        assert max(ages) < 112
        sexes = Counter(patient.sex for patient in self.patients())
        assert set(sexes) == {"female", "male", "indeterminate", "unknown"}
        assert 0.45 < sexes["female"] / 20_000 < 0.55

    def test_groups(self) -> None:
        members = Counter(group for patient in self.patients() for group in patient.groups)
        assert set(members) == {CARE_HOME, DIABETES, NEW_REGISTRATIONS, OVER_75S}
        assert min(members.values()) > 50
        for patient in self.patients():
            if OVER_75S in patient.groups:
                assert TODAY.year - patient.date_of_birth.year >= 76

    def test_names_are_many_and_of_every_kind(self) -> None:
        surnames = {patient.surname for patient in self.patients()}
        forenames = {patient.forename for patient in self.patients()}
        assert len(surnames) > 300
        assert len(forenames) > 300
        assert {"Smith", "O'Brien", "Llewellyn", "MacDonald", "Patel", "Okafor", "Kowalska"} <= surnames
        assert any("-" in name for name in surnames)
        assert all(name == name.strip() and name for name in surnames | forenames)
        assert max(map(len, surnames)) > 18


class TestRows:
    """Each row is sound by itself."""

    def test_codes_and_their_wordings(self) -> None:
        seen = {entry.code: entry.term for patient in practice(20_000, 11) for entry in patient.entries}
        assert set(seen) == set(TERMS) | OTHER_SHARING_CODES
        assert all(seen[code] == term.wording for code, term in TERMS.items())

    def test_dates_are_absolute_and_past_but_for_mistyped_years(self) -> None:
        for patient in practice(20_000, 11):
            assert patient.date_of_birth < date(2026, 1, 1)
            for entry in patient.entries:
                assert patient.date_of_birth <= entry.event_date
                assert entry.event_date < date(2026, 1, 1) or entry.event_date.year >= 2050
                if entry.recorded_at:
                    assert entry.recorded_at.tzinfo is UTC
                    assert entry.recorded_at.date() == entry.event_date
                assert entry.recorded_by

    def test_references_and_numbers_are_unique_and_of_the_test_range(self) -> None:
        patients = practice(20_000, 11)
        assert len({patient.patient_ref for patient in patients}) == 20_000
        numbers = [patient.nhs_number for patient in patients if patient.nhs_number]
        assert len(set(numbers)) == len(numbers)
        assert all(number.startswith("999") and nhs_number.has_number_shape(number) for number in numbers)

    def test_only_valid_numbers_are_known_to_the_spine(self) -> None:
        known = [patient.nhs_number for patient in practice(20_000, 11) if patient.spine is not None]
        assert all(map(nhs_number.is_valid, known))


class TestMaking:
    """The list depends on the seed alone, and takes no more memory the longer it is."""

    def test_the_same_seed_gives_the_same_list(self) -> None:
        assert list(demonstration_patients(600, 5)) == list(practice(600, 5))

    def test_another_seed_gives_another_list(self) -> None:
        one, other = practice(600, 5), practice(600, 6)
        shared = {patient.nhs_number for patient in one} & {patient.nhs_number for patient in other}
        assert len(shared) < 20
        assert [table_row(patient) for patient in one] != [table_row(patient) for patient in other]

    def test_a_longer_list_begins_with_the_shorter_one(self) -> None:
        assert practice(20_000, 11)[:700] == practice(700, 11)
        assert len(practice(1, 11)) == 1

    @pytest.mark.parametrize("count", [0, -1, 500_001])
    def test_sizes_there_are_none_of(self, count: int) -> None:
        with pytest.raises(ValueError, match="1 to 500,000"):
            demonstration_patients(count, 1)

    def test_nothing_is_kept(self) -> None:
        patients = demonstration_patients(12_000, 3)
        deque((next(patients) for _ in range(2_000)), maxlen=0)
        gc.collect()
        tracemalloc.start()
        try:
            deque(patients, maxlen=0)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        # Ten thousand patients kept, or only their numbers, would take more.
        assert most < 300_000
