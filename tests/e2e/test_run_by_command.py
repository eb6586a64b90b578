"""The main job by commands: a practice in, Run, every dissent on the Spine, the results out (issue "Run", It shows)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from app.clock import LONDON
from tests.helpers import databases
from tests.helpers.expected import Expected, expected_outcomes, rows, rule_of
from tests.helpers.program import Program, program_for
from tests.helpers.simulator import SimulatorProcess, running_simulator

PATIENTS = 700
OPERATOR = "Alison Marsh"


class Done:
    """A practice, taken through one Run: its files before and after, and the Spine's word on what happened."""

    def __init__(self, folder: Path, spine: SimulatorProcess, program: Program) -> None:
        self.folder = folder
        self.spine = spine
        self.program = program
        self.spine_before = spine.state()
        program("practice", "export", "--out", folder / "before")
        today = datetime.now(LONDON).date()
        self.expected = expected_outcomes(folder / "before", folder / "practice" / "spine.csv", today)
        self.run = program.press("run")
        self.history = spine.history()
        program("practice", "export", "--out", folder / "after")
        self.outcomes = {row["patient_ref"]: row for row in rows(folder / "after" / "outcomes.csv")}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("run")
    program = Program(folder / "practice")
    program.make_demonstration(PATIENTS, seed=7)
    with running_simulator("--rate", "0", load=folder / "practice" / "spine.csv") as spine:
        program.spine = spine
        yield Done(folder, spine, program)


def numbers(done: Done, *reasons: str) -> set[str]:
    return {row["nhs_number"] for row in done.outcomes.values() if row["reason"] in reasons}


def test_it_completes_with_nobody_left(done: Done):
    assert done.run.code == 0, done.run.err
    result = done.run.result
    assert (result["status"], result["reason"]) == ("completed", None)
    assert result["counts"]["unprocessed"] == result["counts"]["sending"] == 0
    assert sum(result["counts"].values()) == len(done.expected) == len(done.outcomes)


def test_the_outcomes_are_patient_for_patient_what_the_rules_say(done: Done):
    found = {
        ref: Expected(
            row["outcome"],
            row["reason"],
            row["code_before"],
            row["code_after"],
            row["mismatch"],
            row["message_sent"],
        )
        for ref, row in done.outcomes.items()
    }
    assert found == done.expected


def test_every_row_of_the_table_is_in_the_demonstration(done: Done):
    seen = Counter(row["reason"] for row in done.outcomes.values())
    for reason in (
        "dissent_sent",
        "already_on_spine",
        "legacy_consent_converted",
        "dissent_on_spine",
        "implied_consent_added",
        "no_preference_expressed",
        "nothing_to_do",
        "fp69",
        "sensitive",
        "future_dated_dissent",
        "not_permanent_yet",
        "pds_mismatch",
        "record_in_use",
        "nhs_number_invalid",
        "spine_rejected",
    ):
        assert seen[reason], reason


def test_the_spine_holds_no_for_every_eligible_dissenter_and_nothing_else_changed(done: Done):
    sent = numbers(done, "dissent_sent")
    after = done.spine.state()
    changed = {number for number, held in after.items() if held != done.spine_before.get(number)}
    assert changed == sent
    assert all(after[number][1] == "No" for number in sent)


def test_the_history_has_one_read_for_each_eligible_patient_and_one_write_for_each_who_needed_one(done: Done):
    asked = {
        row["nhs_number"]
        for row in done.outcomes.values()
        if row["reason"] not in {"record_in_use", "nhs_number_invalid", "pds_mismatch", "not_permanent_yet"}
    }
    reads = Counter(call["nhs_number"] for call in done.history if call["path"].endswith("/DocumentReference"))
    writes = Counter(call["nhs_number"] for call in done.history if call["path"].endswith("/$setPermission"))
    assert reads == Counter(asked)
    assert writes == Counter(numbers(done, "dissent_sent", "spine_rejected"))
    assert {call["permission"] for call in done.history if call["path"].endswith("/$setPermission")} == {"No"}
    requests = done.run.result["requests"]
    assert requests == {"read": reads.total(), "write": writes.total()}


def test_dissenters_come_first(done: Done):
    writes = [call["n"] for call in done.history if call["path"].endswith("/$setPermission")]
    dissenters = {ref for ref, row in done.expected.items() if row.code_before in {"93C3.", "9Ndo."}}
    theirs = {row["nhs_number"] for row in done.outcomes.values() if row["patient_ref"] in dissenters}
    others = [
        call["n"]
        for call in done.history
        if call["path"].endswith("/DocumentReference") and call["nhs_number"] not in theirs
    ]
    # A few others may be asked about while the last dissents are under way.
    assert sum(1 for other in others if other < max(writes)) < 64


def test_local_entries_are_converted_in_place_and_implied_consent_is_added_in_the_operators_name(done: Done):
    before = rows(done.folder / "before" / "consent.csv")
    after = rows(done.folder / "after" / "consent.csv")
    in_use = {ref for ref, row in done.expected.items() if row.reason == "record_in_use"}
    scanned = set(done.expected) - in_use
    became = {"93C2.": "9Ndn.", "93C3.": "9Ndo."}

    def migrated(entry: dict[str, str]) -> dict[str, str]:
        code = became.get(entry["read_code"]) if entry["patient_ref"] in scanned else None
        return {**entry, "read_code": code, "term": ""} if code else entry

    added = [entry for entry in after if entry["recorded_by"] == OPERATOR]
    kept = [entry for entry in after if entry["recorded_by"] != OPERATOR]
    assert [{**migrated(entry), "term": ""} for entry in before] == [{**entry, "term": ""} for entry in kept]
    wanted = {ref for ref, row in done.expected.items() if row.reason == "implied_consent_added"}
    assert {entry["patient_ref"] for entry in added} == wanted
    today = datetime.now(LONDON).date().isoformat()
    assert {(entry["read_code"], entry["event_date"]) for entry in added} == {("9Ndl.", today)}


def test_a_second_run_sends_nothing_and_changes_nothing(done: Done):
    again = done.program.press("run")
    assert again.code == 0, again.err
    assert again.result["requests"]["write"] == 0
    assert again.result["counts"]["failed"] == done.run.result["counts"]["failed"]
    done.program("practice", "export", "--out", done.folder / "again")
    for name in ("patients.csv", "consent.csv", "groups.csv"):
        assert (done.folder / "again" / name).read_bytes() == (done.folder / "after" / name).read_bytes()


def test_the_export_can_be_imported_again_unchanged(done: Done, tmp_path: Path):
    other = program_for(tmp_path / "other")
    files = done.folder / "after"
    brought = other(
        "practice", "import", "--patients", files / "patients.csv", "--consent", files / "consent.csv",
        "--groups", files / "groups.csv",
    )  # fmt: skip
    assert brought.code == 0, brought.err
    other("practice", "export", "--out", tmp_path / "out")
    for name in ("patients.csv", "consent.csv", "groups.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (files / name).read_bytes()
    assert len(rows(tmp_path / "out" / "outcomes.csv")) == 0


def test_status_and_report_tell_of_the_latest_run(done: Done):
    status = done.program("status", "--json")
    assert status.code == 0
    assert status.result["status"] == "completed"
    report = done.program("report", "outcomes", "--run", "1")
    assert report.out.splitlines()[0].lstrip("\ufeff").startswith("patient_ref,nhs_number,outcome,reason")
    assert len(report.out.splitlines()) == len(done.outcomes) + 1


def test_nothing_that_names_a_patient_is_in_the_log_or_on_the_terminal(done: Done):
    log = (done.folder / "practice" / "scr-bulk.log").read_text(encoding="utf-8")
    spoken = log + done.run.err + done.run.out
    for row in rows(done.folder / "before" / "patients.csv"):
        assert not row["nhs_number"] or row["nhs_number"] not in spoken
    assert "123456" not in spoken


def test_each_decision_follows_the_row_that_the_page_gives_it(done: Done):
    """The rows of the table as kept with each patient, beside those worked out from the files alone."""
    of_first = "SELECT patient_ref, rule FROM item JOIN patient ON patient.id = patient_id WHERE run_id = 1"
    found = dict(databases.rows_of(done.folder / "practice", of_first))
    assert found == {ref: rule_of(line) for ref, line in done.expected.items()}
    assert set(found.values()) >= set(range(1, 17))
