"""Every combination of everything the decision depends on, against the table read once more by other means."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from app.domain.decision import Decision, SpineConsent, decide, decide_without_spine
from app.domain.patient import PatientRecord, RegistrationStatus
from tests.unit.domain.samples import ANSWERS, LEGACY, TODAY, TOMORROW, VALID_NUMBER, entry, record

# The page's table as it is printed: row; local codes; summary; permission; what happens.
# "ask" stands for Ask and the legacy Yes, "-" for not told. In the last column: the outcome, then "send", "add" and
# "mismatch" where they apply.
TABLE = """
 1 | 93C3.             | yes no not_told | ask - | sent dissent_sent send
 2 | 93C3.             | yes no not_told | No    | not_required already_on_spine
 3 | 9Ndo.             | yes no not_told | ask - | sent dissent_sent send
 4 | 9Ndo.             | yes no not_told | No    | not_required already_on_spine
 5 | 93C2.             | yes no not_told | ask - | not_required legacy_consent_converted
 6 | 93C2.             | yes no not_told | No    | not_required dissent_on_spine mismatch
 7 | none              | yes             | ask   | not_required implied_consent_added add
 8 | none              | yes no not_told | No    | not_required dissent_on_spine mismatch
 9 | none              | no              | -     | not_required no_preference_expressed
10 | 9Ndl. 9Ndm. 9Ndn. | yes no not_told | ask - | not_required nothing_to_do
11 | 9Ndl. 9Ndm. 9Ndn. | yes no not_told | No    | not_required dissent_on_spine mismatch
"""
TABLE_PERMISSIONS = {"Yes": "ask", "Ask": "ask", "No": "No", "not_told": "-"}

LOCAL = ["none", "93C2.", "93C3.", "9Ndl.", "9Ndm.", "9Ndn.", "9Ndo."]
FUTURE = ["none", "93C2.", "93C3.", "9Ndm.", "9Ndo."]
NUMBERS = [VALID_NUMBER, "9990000019", "", None]


class Case(NamedTuple):
    local: str
    future: str
    patient: PatientRecord
    answer: SpineConsent


class Expected(NamedTuple):
    row: int
    outcome: str
    reason: str
    effects: frozenset[str] = frozenset()


def table_row(local: str, answer: SpineConsent) -> Expected:
    """The one row that speaks of this; answers without a row are unclear, and then nothing may happen, as in row 9."""
    rows = [[field.split() for field in line.split("|")] for line in TABLE.strip().splitlines()]
    found = [
        Expected(int(row[0]), does[0], does[1], frozenset(does[2:]))
        for row, codes, summaries, permissions, does in rows
        if local in codes
        and answer.summary.value in summaries
        and TABLE_PERMISSIONS[answer.permission.value] in permissions
    ]
    assert len(found) <= 1, "two rows speak of the same patient"
    return found[0] if found else Expected(9, "not_required", "no_preference_expressed")


ROWS = {(local, answer): table_row(local, answer) for local in LOCAL for answer in ANSWERS}


def expected_for(case: Case) -> Expected:
    patient = case.patient
    if patient.registration.value not in {"permanent", "applied"}:
        return Expected(0, "not_required", "no_longer_active")
    if patient.record_in_use:
        return Expected(15, "failed", "record_in_use")
    if patient.nhs_number != VALID_NUMBER:
        return Expected(16, "failed", "nhs_number_invalid")
    if not patient.pds_linked:
        return Expected(14, "failed", "pds_mismatch")
    if patient.registration.value == "applied":
        return Expected(13, "not_required", "not_permanent_yet")
    expected = ROWS[case.local, case.answer]
    if expected.row != 7:
        return expected
    if patient.fp69 or patient.sensitive:
        return Expected(12, "not_required", "fp69" if patient.fp69 else "sensitive")
    if case.future in {"93C3.", "9Ndo."}:
        return Expected(7, "not_required", "future_dated_dissent")
    return expected


def expected_conversions(case: Case, row: int) -> list[tuple[str, str]]:
    """Old and new codes; a record in use is not touched, and nor is that of a patient who left."""
    if row in {0, 15}:
        return []
    return [(code, LEGACY[code]) for code in (case.local, case.future) if code in LEGACY]


def cases() -> Iterator[Case]:
    for local, future in product(LOCAL, FUTURE):
        entries = [entry(code) for code in [local] if code != "none"]
        entries += [entry(code, TOMORROW) for code in [future] if code != "none"]
        for number, status, fp69, sensitive, linked, in_use in product(
            NUMBERS, RegistrationStatus, *[(False, True)] * 4
        ):
            patient = record(
                *entries,
                nhs_number=number,
                registration=status,
                fp69=fp69,
                sensitive=sensitive,
                pds_linked=linked,
                record_in_use=in_use,
            )
            for answer in ANSWERS:
                yield Case(local, future, patient, answer)


def seen_in(decision: Decision) -> Expected:
    effects = {
        "send": decision.send_dissent,
        "add": decision.add_implied_consent,
        "mismatch": decision.mismatch,
    }
    happening = frozenset(name for name, happens in effects.items() if happens)
    return Expected(decision.row, decision.outcome.value, decision.reason.value, happening)


def test_every_combination_is_decided_as_the_table_says() -> None:
    rows_met = set()
    for case in cases():
        expected = expected_for(case)
        decision = decide(case.patient, case.answer, TODAY)
        unasked = decide_without_spine(case.patient)

        assert seen_in(decision) == expected, case
        assert [(one.old_code, one.new_code) for one in decision.conversions] == expected_conversions(
            case, expected.row
        ), case
        assert unasked == (decision if expected.row in {0, 13, 14, 15, 16} else None), case
        rows_met.add(expected.row)
    assert rows_met == set(range(17))
