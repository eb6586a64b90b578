"""Every row of the decision table through a whole execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.decision import Permission, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.states import IntentState, RunStatus
from app.storage.tables import consent_entry, patient
from tests.helpers.bench import OBJECTION_ON, Person
from tests.integration.engine.conftest import MakeBench

NO, ASK, YES = Permission.NO, Permission.ASK, Permission.YES
SENT, NOT_REQUIRED, FAILED = ItemState.SENT, ItemState.NOT_REQUIRED, ItemState.FAILED
FUTURE = date(2052, 1, 1)


@dataclass(frozen=True)
class Row:
    """One row of the table: the record and the Spine before, and everything after."""

    number: str
    codes: str
    has_scr: bool
    permission: Permission | None
    after: str
    state: ItemState
    reason: Reason
    sent: bool = False
    mismatch: bool = False
    asked: bool = True
    on: date = OBJECTION_ON
    flags: dict[str, Any] = field(default_factory=dict)


ROWS = [
    Row("1 with a summary", "93C3.", True, ASK, "9Ndo.", SENT, Reason.DISSENT_SENT, sent=True),
    Row("1 legacy Yes", "93C3.", True, YES, "9Ndo.", SENT, Reason.DISSENT_SENT, sent=True),
    Row("1 not told", "93C3.", False, None, "9Ndo.", SENT, Reason.DISSENT_SENT, sent=True),
    Row("2 with a summary", "93C3.", True, NO, "9Ndo.", NOT_REQUIRED, Reason.ALREADY_ON_SPINE),
    Row("2 without", "93C3.", False, NO, "9Ndo.", NOT_REQUIRED, Reason.ALREADY_ON_SPINE),
    Row("3", "9Ndo.", True, ASK, "9Ndo.", SENT, Reason.DISSENT_SENT, sent=True),
    Row("3 not told", "9Ndo.", False, None, "9Ndo.", SENT, Reason.DISSENT_SENT, sent=True),
    Row("4", "9Ndo.", True, NO, "9Ndo.", NOT_REQUIRED, Reason.ALREADY_ON_SPINE),
    Row("5", "93C2.", True, ASK, "9Ndn.", NOT_REQUIRED, Reason.LEGACY_CONSENT_CONVERTED),
    Row("6", "93C2.", True, NO, "9Ndn.", NOT_REQUIRED, Reason.DISSENT_ON_SPINE, mismatch=True),
    Row("7", "", True, ASK, "9Ndl.", NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED),
    Row("7 legacy Yes", "", True, YES, "9Ndl.", NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED),
    Row("7 future dissent", "9Ndo.", True, ASK, "9Ndo.", NOT_REQUIRED, Reason.FUTURE_DATED_DISSENT, on=FUTURE),
    Row("7 future legacy", "93C3.", True, ASK, "9Ndo.", NOT_REQUIRED, Reason.FUTURE_DATED_DISSENT, on=FUTURE),
    Row("8 with a summary", "", True, NO, "", NOT_REQUIRED, Reason.DISSENT_ON_SPINE, mismatch=True),
    Row("8 without", "", False, NO, "", NOT_REQUIRED, Reason.DISSENT_ON_SPINE, mismatch=True),
    Row("9", "", False, None, "", NOT_REQUIRED, Reason.NO_PREFERENCE_EXPRESSED),
    Row("10 implied", "9Ndl.", True, ASK, "9Ndl.", NOT_REQUIRED, Reason.NOTHING_TO_DO),
    Row("10 express", "9Ndm.", False, None, "9Ndm.", NOT_REQUIRED, Reason.NOTHING_TO_DO),
    Row("11", "9Ndn.", True, NO, "9Ndn.", NOT_REQUIRED, Reason.DISSENT_ON_SPINE, mismatch=True),
    Row("12 FP69", "", True, ASK, "", NOT_REQUIRED, Reason.FP69, flags={"fp69": True}),
    Row("12 sensitive", "", True, ASK, "", NOT_REQUIRED, Reason.SENSITIVE, flags={"sensitive": True}),
    Row("12 dissent", "9Ndo.", True, ASK, "9Ndo.", SENT, Reason.DISSENT_SENT, sent=True, flags={"fp69": True}),
    Row(
        *("13", "93C3.", True, ASK, "9Ndo.", NOT_REQUIRED, Reason.NOT_PERMANENT_YET),
        asked=False,
        flags={"registration": RegistrationStatus.APPLIED},
    ),
    Row("14", "93C3.", True, ASK, "9Ndo.", FAILED, Reason.PDS_MISMATCH, asked=False, flags={"pds_linked": False}),
    Row("15", "93C3.", True, ASK, "93C3.", FAILED, Reason.RECORD_IN_USE, asked=False, flags={"record_in_use": True}),
    Row("16", "93C2.", True, ASK, "9Ndn.", FAILED, Reason.NHS_NUMBER_INVALID, asked=False, flags={"nhs_number": None}),
]


@pytest.mark.fault_row(19)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row.number}")
def test_a_row_of_the_table(row: Row, make_bench: MakeBench):
    codes = (row.codes,) if row.codes else ()
    bench = make_bench(Person("P", codes, row.has_scr, row.permission, row.on, row.flags))
    view = bench.run()
    found = bench.item("P")
    assert view.status is RunStatus.COMPLETED
    assert (found.state, found.reason, found.mismatch) == (row.state, row.reason, row.mismatch)
    assert bench.codes("P") == ([row.after] if row.after else [])
    assert len(bench.sends("P")) == row.sent
    assert len(bench.reads("P")) == row.asked
    assert (view.reads, view.writes) == (row.asked, row.sent)
    assert found.code_before == ("" if row.on == FUTURE else row.codes)
    assert bench.holds("P") is (NO if row.sent else row.permission)
    # Row 12 only takes the place of row 7; else the table says "as rows 1 to 11".
    assert found.rule == (3 if row.number == "12 dissent" else int(row.number.split(" ")[0]))
    _check_what_was_told(row, found)
    _check_the_message(row, bench)
    _check_the_trail(row, bench)


def _check_what_was_told(row: Row, found: Any) -> None:
    if not row.asked:
        told = (None, None)
    elif row.permission is NO:
        told = (Summary.NOT_TOLD, NO)
    elif row.has_scr:
        told = (Summary.YES, row.permission)
    else:
        told = (Summary.NO, Permission.NOT_TOLD)
    assert (found.scr_on_spine, found.permission_before) == told


def _check_the_message(row: Row, bench: Any) -> None:
    states = [(message.state, message.desired) for message in bench.intents("P")]
    assert states == ([(IntentState.CONFIRMED, "No")] if row.sent else [])
    assert bench.item("P").attempts == row.sent


def _check_the_trail(row: Row, bench: Any) -> None:
    """Every change of the record, every message and every outcome stands in the audit trail."""
    events = bench.events("P")
    converted = row.codes != row.after and bool(row.codes)
    assert [event for event in events if event[0] == "entry_converted"] == (
        [("entry_converted", row.codes, row.after)] if converted else []
    )
    added = not row.codes and row.after == "9Ndl."
    assert [event[0] for event in events].count("entry_added") == added
    assert [event[0] for event in events].count("attempt_started") == row.sent
    assert events[-1][::2] == ("outcome", row.state.value)


def test_an_added_entry_carries_today_and_the_operator_and_a_converted_one_keeps_its_own(make_bench: MakeBench):
    bench = make_bench(Person("added", (), True, ASK), Person("converted", ("93C2.",), True, ASK))
    bench.run()
    query = select(consent_entry).join(patient).where(patient.c.patient_ref == "added")
    [added] = bench.rows(query)
    assert (added.event_date, added.recorded_by) == (date(2026, 11, 2), "Pat Manager")
    [converted] = bench.rows(select(consent_entry).join(patient).where(patient.c.patient_ref == "converted"))
    assert (converted.event_date, converted.recorded_by) == (OBJECTION_ON, "Dr Example")
    assert converted.term == "Express consent for core and additional SCR dataset upload"


def test_people_who_have_left_are_not_in_the_run_at_all(make_bench: MakeBench):
    gone = (RegistrationStatus.TEMPORARY, RegistrationStatus.TRANSFERRED_OUT, RegistrationStatus.DECEASED)
    people = [Person(status.value, ("9Ndo.",), True, ASK, flags={"registration": status}) for status in gone]
    bench = make_bench(Person("here"), *people)
    view = bench.run()
    assert view.counts.total == 1
    assert bench.spine.sends() == []


def test_a_second_full_pass_with_nothing_changed_sends_nothing(make_bench: MakeBench):
    """I10, over every row of the table at once."""
    people = [
        Person(row.number, (row.codes,) if row.codes else (), row.has_scr, row.permission, row.on, row.flags)
        for row in ROWS
    ]
    bench = make_bench(*people)
    first = bench.run()
    sent = len(bench.spine.sends())
    codes = {person.ref: bench.codes(person.ref) for person in people}
    second = bench.rerun()
    assert sent == first.counts.sent == sum(row.sent for row in ROWS)
    assert (len(bench.spine.sends()), second.counts.sent) == (sent, 0)
    assert {person.ref: bench.codes(person.ref) for person in people} == codes
    for row in ROWS:
        if row.sent:
            assert bench.ended(row.number) == (NOT_REQUIRED, Reason.ALREADY_ON_SPINE)


def test_where_the_spine_tells_nothing_even_after_our_no_a_second_pass_sends_it_again(make_bench: MakeBench):
    bench = make_bench(Person("untold", ("9Ndo.",)), Person("told", ("9Ndo.",), True, ASK))
    bench.spine.hides_dissent = True
    bench.run()
    assert bench.ended("untold") == (SENT, Reason.DISSENT_SENT)
    bench.rerun()
    assert bench.ended("untold") == (SENT, Reason.NOT_TOLD)
    assert bench.ended("told") == (NOT_REQUIRED, Reason.ALREADY_ON_SPINE)
    first, second = bench.sends("untold")
    assert first.request_id != second.request_id, "the first message was settled: this is another"
