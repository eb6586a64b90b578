"""The decision table row by row, with every combination that a row's words cover."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest

from app.domain.decision import (
    Conversion,
    Decision,
    Permission,
    SpineConsent,
    Summary,
    decide,
    decide_without_spine,
)
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import PatientRecord, RegistrationStatus
from tests.unit.domain.samples import (
    ANSWERS,
    CURRENT_CONSENTS,
    DISSENTS,
    LEGACY,
    OTHER_CODES,
    SIX_CODES,
    TODAY,
    TOMORROW,
    YESTERDAY,
    entry,
    record,
)

ANY_SUMMARY = list(Summary)
ASK = [Permission.ASK, Permission.YES]  # Clear and unset come as Ask; the legacy Yes counts as Ask.
ASK_OR_NOT_TOLD = [*ASK, Permission.NOT_TOLD]
NO = [Permission.NO]

FLAGS = [(False, False), (True, False), (False, True), (True, True)]
FLAG_IDS = ["no flag", "FP69", "sensitive", "both flags"]

FIRST_ENTRY = 1


def every(*choices: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Every combination."""
    return list(product(*choices))


def changes_nothing_but_codes(decision: Decision) -> bool:
    return not (decision.send_dissent or decision.add_implied_consent or decision.mismatch)


def becomes(code: str) -> tuple[Conversion, ...]:
    return (Conversion(FIRST_ENTRY, code, LEGACY[code]),)


@pytest.fixture(params=FLAGS, ids=FLAG_IDS)
def flags(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Row 12: rows 1 to 11 but for 7 hold for FP69 and Sensitive patients as for any other."""
    fp69, sensitive = request.param
    return {"fp69": fp69, "sensitive": sensitive}


@pytest.mark.parametrize(("summary", "permission"), every(ANY_SUMMARY, ASK_OR_NOT_TOLD))
def test_row_1_legacy_dissent_is_converted_and_sent(
    summary: Summary, permission: Permission, flags: dict[str, Any]
) -> None:
    decision = decide(record(entry("93C3."), **flags), SpineConsent(summary, permission), TODAY)

    assert decision == Decision(1, ItemState.SENT, Reason.DISSENT_SENT, becomes("93C3."), send_dissent=True)


@pytest.mark.parametrize("summary", ANY_SUMMARY)
def test_row_2_legacy_dissent_the_spine_holds_already(summary: Summary, flags: dict[str, Any]) -> None:
    decision = decide(record(entry("93C3."), **flags), SpineConsent(summary, Permission.NO), TODAY)

    assert decision == Decision(2, ItemState.NOT_REQUIRED, Reason.ALREADY_ON_SPINE, becomes("93C3."))


@pytest.mark.parametrize(("summary", "permission"), every(ANY_SUMMARY, ASK_OR_NOT_TOLD))
def test_row_3_current_dissent_is_sent(summary: Summary, permission: Permission, flags: dict[str, Any]) -> None:
    decision = decide(record(entry("9Ndo."), **flags), SpineConsent(summary, permission), TODAY)

    assert decision == Decision(3, ItemState.SENT, Reason.DISSENT_SENT, send_dissent=True)


@pytest.mark.parametrize("summary", ANY_SUMMARY)
def test_row_4_current_dissent_the_spine_holds_already(summary: Summary, flags: dict[str, Any]) -> None:
    decision = decide(record(entry("9Ndo."), **flags), SpineConsent(summary, Permission.NO), TODAY)

    assert decision == Decision(4, ItemState.NOT_REQUIRED, Reason.ALREADY_ON_SPINE)


@pytest.mark.parametrize(("summary", "permission"), every(ANY_SUMMARY, ASK_OR_NOT_TOLD))
def test_row_5_legacy_consent_is_converted(summary: Summary, permission: Permission, flags: dict[str, Any]) -> None:
    decision = decide(record(entry("93C2."), **flags), SpineConsent(summary, permission), TODAY)

    assert decision == Decision(5, ItemState.NOT_REQUIRED, Reason.LEGACY_CONSENT_CONVERTED, becomes("93C2."))


@pytest.mark.parametrize("summary", ANY_SUMMARY)
def test_row_6_legacy_consent_against_a_dissent_on_the_spine(summary: Summary, flags: dict[str, Any]) -> None:
    decision = decide(record(entry("93C2."), **flags), SpineConsent(summary, Permission.NO), TODAY)

    assert decision == Decision(6, ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, becomes("93C2."), mismatch=True)


@pytest.mark.parametrize("permission", ASK)
def test_row_7_implied_consent_is_added(permission: Permission) -> None:
    decision = decide(record(), SpineConsent(Summary.YES, permission), TODAY)

    assert decision == Decision(7, ItemState.NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED, add_implied_consent=True)


@pytest.mark.parametrize("code", OTHER_CODES)
def test_row_7_other_sharing_codes_are_no_consent_and_stay(code: str) -> None:
    decision = decide(record(entry(code)), SpineConsent(Summary.YES, Permission.ASK), TODAY)

    assert decision.add_implied_consent
    assert decision.conversions == ()


@pytest.mark.parametrize("summary", ANY_SUMMARY)
def test_row_8_nothing_here_and_a_dissent_on_the_spine(summary: Summary, flags: dict[str, Any]) -> None:
    decision = decide(record(**flags), SpineConsent(summary, Permission.NO), TODAY)

    assert decision == Decision(8, ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, mismatch=True)


def test_row_9_no_preference_expressed(flags: dict[str, Any]) -> None:
    decision = decide(record(**flags), SpineConsent(Summary.NO, Permission.NOT_TOLD), TODAY)

    assert decision == Decision(9, ItemState.NOT_REQUIRED, Reason.NO_PREFERENCE_EXPRESSED)


@pytest.mark.parametrize(
    "answer", [one for one in ANSWERS if one.permission is not Permission.NO and one.summary is not Summary.YES]
)
def test_nothing_is_added_without_a_summary(answer: SpineConsent) -> None:
    """Answers the table has no row for: no positive answer, so nothing changes."""
    decision = decide(record(), answer, TODAY)

    assert (decision.outcome, decision.conversions) == (ItemState.NOT_REQUIRED, ())
    assert changes_nothing_but_codes(decision)


def test_nothing_is_added_when_the_consent_is_not_told() -> None:
    decision = decide(record(), SpineConsent(Summary.YES, Permission.NOT_TOLD), TODAY)

    assert not decision.add_implied_consent


@pytest.mark.parametrize(("code", "summary", "permission"), every(CURRENT_CONSENTS, ANY_SUMMARY, ASK_OR_NOT_TOLD))
def test_row_10_current_consent_and_nothing_to_do(
    code: str, summary: Summary, permission: Permission, flags: dict[str, Any]
) -> None:
    decision = decide(record(entry(code), **flags), SpineConsent(summary, permission), TODAY)

    assert decision == Decision(10, ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO)


@pytest.mark.parametrize(("code", "summary"), every(CURRENT_CONSENTS, ANY_SUMMARY))
def test_row_11_current_consent_against_a_dissent_on_the_spine(
    code: str, summary: Summary, flags: dict[str, Any]
) -> None:
    decision = decide(record(entry(code), **flags), SpineConsent(summary, Permission.NO), TODAY)

    assert decision == Decision(11, ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, mismatch=True)


@pytest.mark.parametrize("permission", ASK)
@pytest.mark.parametrize(
    ("fp69", "sensitive", "reason"),
    [(True, False, Reason.FP69), (False, True, Reason.SENSITIVE), (True, True, Reason.FP69)],
)
def test_row_12_flagged_patients_get_no_implied_consent(
    fp69: bool, sensitive: bool, reason: Reason, permission: Permission
) -> None:
    decision = decide(record(fp69=fp69, sensitive=sensitive), SpineConsent(Summary.YES, permission), TODAY)

    assert decision == Decision(12, ItemState.NOT_REQUIRED, reason)


UNASKED: dict[str, tuple[dict[str, Any], Decision]] = {
    "13, registration Applied": (
        {"registration": RegistrationStatus.APPLIED},
        Decision(13, ItemState.NOT_REQUIRED, Reason.NOT_PERMANENT_YET),
    ),
    "14, not linked with PDS": ({"pds_linked": False}, Decision(14, ItemState.FAILED, Reason.PDS_MISMATCH)),
    "15, record in use": ({"record_in_use": True}, Decision(15, ItemState.FAILED, Reason.RECORD_IN_USE)),
    "16, no NHS number": ({"nhs_number": None}, Decision(16, ItemState.FAILED, Reason.NHS_NUMBER_INVALID)),
    "16, wrong check digit": (
        {"nhs_number": "9990000019"},
        Decision(16, ItemState.FAILED, Reason.NHS_NUMBER_INVALID),
    ),
    "16, empty NHS number": ({"nhs_number": ""}, Decision(16, ItemState.FAILED, Reason.NHS_NUMBER_INVALID)),
}
MIXED = [entry("93C2.", YESTERDAY), entry("93C3.", TOMORROW), entry("9Ndm."), entry("93C1.")]
MIXED_CONVERTED = (Conversion(1, "93C2.", "9Ndn."), Conversion(2, "93C3.", "9Ndo."))


@pytest.mark.parametrize("circumstance", UNASKED)
@pytest.mark.parametrize("code", [None, *SIX_CODES])
def test_rows_13_to_16_ask_nothing_and_send_nothing(circumstance: str, code: str | None, flags: dict[str, Any]) -> None:
    details, expected = UNASKED[circumstance]
    entries = [] if code is None else [entry(code)]

    decision = decide_without_spine(record(*entries, **details, **flags))

    assert decision is not None
    assert (decision.row, decision.outcome, decision.reason) == (expected.row, expected.outcome, expected.reason)
    assert changes_nothing_but_codes(decision)
    converts = code in LEGACY and expected.row != 15
    assert decision.conversions == (becomes(str(code)) if converts else ())


@pytest.mark.parametrize("circumstance", [name for name in UNASKED if not name.startswith("15")])
def test_rows_13_14_and_16_convert_every_legacy_entry(circumstance: str) -> None:
    details, _ = UNASKED[circumstance]

    decision = decide_without_spine(record(*MIXED, **details))

    assert decision is not None
    assert decision.conversions == MIXED_CONVERTED


def test_row_15_leaves_a_record_in_use_alone() -> None:
    assert decide_without_spine(record(*MIXED, record_in_use=True)) == Decision(
        15, ItemState.FAILED, Reason.RECORD_IN_USE
    )


IN_ORDER: list[tuple[int, dict[str, Any]]] = [
    (15, {"record_in_use": True}),
    (16, {"nhs_number": None}),
    (14, {"pds_linked": False}),
    (13, {"registration": RegistrationStatus.APPLIED}),
]


@pytest.mark.parametrize(
    "several", [some for size in range(1, 5) for some in combinations(IN_ORDER, size)], ids=lambda some: f"{len(some)}"
)
def test_the_checks_are_made_in_the_order_15_16_14_13(several: tuple[tuple[int, dict[str, Any]], ...]) -> None:
    details = {key: value for _, one in several for key, value in one.items()}
    first_row, _ = several[0]

    decision = decide_without_spine(record(entry("9Ndo."), **details))

    assert decision is not None
    assert decision.row == first_row


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("circumstance", UNASKED)
def test_no_answer_of_the_spine_overrules_rows_13_to_16(circumstance: str, answer: SpineConsent) -> None:
    details, expected = UNASKED[circumstance]

    assert decide(record(entry("9Ndo."), **details), answer, TODAY) == expected


def test_the_spine_must_be_asked_about_everybody_else(flags: dict[str, Any]) -> None:
    for code in SIX_CODES:
        assert decide_without_spine(record(entry(code), **flags)) is None


LEFT = [RegistrationStatus.TEMPORARY, RegistrationStatus.TRANSFERRED_OUT, RegistrationStatus.DECEASED]


def leavers() -> list[PatientRecord]:
    troubles = [{}, *(details for details, _ in UNASKED.values() if "registration" not in details)]
    return [record(*MIXED, registration=status, **details) for status in LEFT for details in troubles]


@pytest.mark.parametrize("patient", leavers())
def test_nothing_is_touched_of_a_patient_who_left_the_active_list(patient: PatientRecord) -> None:
    left = Decision(0, ItemState.NOT_REQUIRED, Reason.NO_LONGER_ACTIVE)

    assert decide_without_spine(patient) == left
    assert [decide(patient, answer, TODAY) for answer in ANSWERS] == [left] * len(ANSWERS)


def test_active_are_the_permanent_and_the_applied() -> None:
    assert {status for status in RegistrationStatus if status.is_active} == {
        RegistrationStatus.PERMANENT,
        RegistrationStatus.APPLIED,
    }


@pytest.mark.parametrize("code", DISSENTS)
@pytest.mark.parametrize("permission", ASK)
def test_a_future_dated_dissent_holds_back_implied_consent(code: str, permission: Permission) -> None:
    decision = decide(record(entry(code, TOMORROW)), SpineConsent(Summary.YES, permission), TODAY)

    conversions = becomes(code) if code in LEGACY else ()
    assert decision == Decision(7, ItemState.NOT_REQUIRED, Reason.FUTURE_DATED_DISSENT, conversions)


@pytest.mark.parametrize("code", [code for code in SIX_CODES if code not in DISSENTS])
def test_a_future_dated_consent_holds_nothing_back(code: str) -> None:
    decision = decide(record(entry(code, TOMORROW)), SpineConsent(Summary.YES, Permission.ASK), TODAY)

    assert (decision.row, decision.add_implied_consent) == (7, True)
    assert decision.conversions == (becomes(code) if code in LEGACY else ())


@pytest.mark.parametrize("future", SIX_CODES)
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (code, answer)
        for code, answer in every([None, *SIX_CODES], ANSWERS)
        if code or answer.summary is not Summary.YES or answer.permission not in ASK
    ],
)
def test_a_future_dated_entry_changes_no_row_but_7(code: str | None, answer: SpineConsent, future: str) -> None:
    now = [] if code is None else [entry(code)]

    without = decide(record(*now), answer, TODAY)
    with_future = decide(record(*now, entry(future, TOMORROW)), answer, TODAY)

    added = (Conversion(len(now) + 1, future, LEGACY[future]),) if future in LEGACY else ()
    assert with_future == replace(without, conversions=without.conversions + added)


def test_a_dissent_of_today_counts_at_once() -> None:
    decision = decide(record(entry("9Ndo.", TODAY)), SpineConsent(Summary.YES, Permission.ASK), TODAY)

    assert (decision.row, decision.send_dissent) == (3, True)


def test_every_legacy_entry_is_converted_not_only_the_counting_one() -> None:
    patient = record(entry("93C3.", YESTERDAY), entry("9Ndo.", TODAY), entry("93C2.", YESTERDAY))

    decision = decide(patient, SpineConsent(Summary.NO, Permission.NOT_TOLD), TODAY)

    assert decision.row == 3
    assert decision.conversions == (Conversion(1, "93C3.", "9Ndo."), Conversion(3, "93C2.", "9Ndn."))
