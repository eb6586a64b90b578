"""The exported files: their columns and forms, safety in a spreadsheet, and all or nothing on the disk."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import BadInput, StorageFault
from app.domain.patient import RegistrationStatus
from app.engine.practice import EntryRow, GroupRow, OutcomeRow, PatientRow
from app.exchange.export import ExportSummary, export_practice
from app.exchange.formula_guard import guarded, unguarded
from app.exchange.outcomes import write_outcomes

PATIENT = PatientRow("P1", "9990000018", "Ashworth", "Beryl", date(1950, 2, 1), "female", RegistrationStatus.PERMANENT)
ENTRY = EntryRow(
    "P1", "9990000018", "9Ndo.", "Express dissent", date(2021, 7, 1), datetime(2021, 7, 1, 9, tzinfo=UTC), "Dr Patel"
)
SENT = OutcomeRow(
    patient_ref="P1",
    nhs_number="9990000018",
    outcome="sent",
    reason="dissent_sent",
    code_before="93C3.",
    code_after="9Ndo.",
    scr_on_spine="yes",
    permission_before="Ask",
    message_sent=True,
    attempts=2,
    spine_code="",
    processed_at=datetime(2026, 3, 2, 18, 30, 5, tzinfo=UTC),
    mismatch=False,
)
FAILED = OutcomeRow(
    patient_ref="P2",
    nhs_number="",
    outcome="failed",
    reason="nhs_number_invalid",
    code_before="",
    code_after="",
    scr_on_spine="",
    permission_before="",
    message_sent=False,
    attempts=0,
    spine_code="",
    processed_at=None,
    mismatch=True,
)
OUTCOMES_HEADER = (
    "patient_ref,nhs_number,outcome,reason,code_before,code_after,scr_on_spine,permission_before,message_sent,"
    "attempts,spine_code,processed_at,mismatch\r\n"
)
OUTCOMES = (
    OUTCOMES_HEADER
    + "P1,9990000018,sent,dissent_sent,93C3.,9Ndo.,yes,Ask,yes,2,,2026-03-02T18:30:05+00:00,no\r\n"
    + "P2,,failed,nhs_number_invalid,,,,,no,0,,,yes\r\n"
)


def test_the_files_have_the_columns_and_forms_of_the_design(store: Any, tmp_path: Path) -> None:
    store.patients = [PATIENT]
    store.entries = [ENTRY]
    store.groups = [GroupRow("Review", "P1", "9990000018")]
    store.outcomes = {7: [SENT, FAILED]}
    out = tmp_path / "new" / "folder"
    assert export_practice(store, out, 7) == ExportSummary(out, patients=1, entries=1, groups=1, outcomes=2)
    assert {path.name: path.read_bytes().decode() for path in out.iterdir()} == {
        "patients.csv": (
            "\ufeffpatient_ref,nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,"
            "pds_linked,record_in_use\r\n"
            "P1,9990000018,Ashworth,Beryl,1950-02-01,female,permanent,no,no,yes,no\r\n"
        ),
        "consent.csv": (
            "\ufeffpatient_ref,nhs_number,read_code,term,event_date,recorded_at,recorded_by\r\n"
            "P1,9990000018,9Ndo.,Express dissent,2021-07-01,2021-07-01T09:00:00+00:00,Dr Patel\r\n"
        ),
        "groups.csv": "\ufeffpatient_ref,group_name,nhs_number\r\nP1,Review,9990000018\r\n",
        "outcomes.csv": "\ufeff" + OUTCOMES,
    }


def test_without_a_run_the_outcomes_are_a_header_alone(store: Any, tmp_path: Path) -> None:
    assert export_practice(store, tmp_path, None).outcomes == 0
    assert (tmp_path / "outcomes.csv").read_bytes().decode("utf-8-sig") == OUTCOMES_HEADER


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_go_out_behind_an_apostrophe(store: Any, tmp_path: Path, start: str) -> None:
    attack = f'{start}HYPERLINK("http://x")'
    store.patients = [PatientRow(attack, None, attack, attack, date(1950, 2, 1), attack, RegistrationStatus.PERMANENT)]
    store.entries = [EntryRow(attack, None, "9Ndo.", attack, date(2021, 7, 1), None, attack)]
    store.groups = [GroupRow(attack, attack, None)]
    export_practice(store, tmp_path, None)
    dangerous = 0
    for name in ("patients.csv", "consent.csv", "groups.csv"):
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
            for cell in (cell for line in csv.reader(file) for cell in line):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
                dangerous += "HYPERLINK" in cell
    assert dangerous == 9


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("''@x", "'''@x"),
        ("'", "'"),
        ("'t Hart", "'t Hart"),
        ("O'Neill", "O'Neill"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_the_guard_is_exact_both_ways(text: str, written: str) -> None:
    assert guarded(text) == written
    assert unguarded(written) == text


def test_an_earlier_export_is_replaced_and_nothing_else_is_left(store: Any, tmp_path: Path) -> None:
    store.patients = [PATIENT]
    (tmp_path / "patients.csv").write_text("old")
    (tmp_path / "letters.txt").write_text("mine")
    export_practice(store, tmp_path, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "consent.csv", "groups.csv", "letters.txt", "outcomes.csv", "patients.csv",
    ]  # fmt: skip
    assert "Ashworth" in (tmp_path / "patients.csv").read_text(encoding="utf-8-sig")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_can_read_patients_data(store: Any, tmp_path: Path) -> None:
    export_practice(store, tmp_path, None)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_an_export_that_fails_half_way_leaves_the_last_one_alone(store: Any, tmp_path: Path) -> None:
    store.patients = [PATIENT]
    export_practice(store, tmp_path, None)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def broken() -> Iterator[EntryRow]:
        yield ENTRY
        raise StorageFault("The practice database could not be read.")

    store.export_entries = broken
    store.patients = []
    with pytest.raises(StorageFault):
        export_practice(store, tmp_path, None)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_place_that_cannot_be_written(store: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BadInput, match="could not be written"):
            export_practice(store, out, None)
    (tmp_path / "out" / "groups.csv" / "folder").mkdir(parents=True)
    with pytest.raises(BadInput, match="could not be written"):
        export_practice(store, tmp_path / "out", None)
    assert not list((tmp_path / "out").glob(".*"))


def test_outcomes_as_csv_stream() -> None:
    stream = io.StringIO(newline="")
    assert write_outcomes([SENT, FAILED], stream, "csv") == 2
    assert stream.getvalue() == OUTCOMES


def test_outcomes_as_json_stream() -> None:
    stream = io.StringIO(newline="")
    assert write_outcomes(iter([SENT, FAILED]), stream, "json") == 2
    objects = json.loads(stream.getvalue())
    assert [",".join(item) + "\r\n" for item in objects] == [OUTCOMES_HEADER] * 2
    assert objects[0] == {
        "patient_ref": "P1",
        "nhs_number": "9990000018",
        "outcome": "sent",
        "reason": "dissent_sent",
        "code_before": "93C3.",
        "code_after": "9Ndo.",
        "scr_on_spine": "yes",
        "permission_before": "Ask",
        "message_sent": True,
        "attempts": 2,
        "spine_code": None,
        "processed_at": "2026-03-02T18:30:05+00:00",
        "mismatch": False,
    }
    assert objects[1]["nhs_number"] is None
    assert objects[1]["processed_at"] is None
    assert objects[1]["attempts"] == 0


def test_no_outcomes_are_an_empty_array() -> None:
    stream = io.StringIO()
    assert write_outcomes([], stream, "json") == 0
    assert json.loads(stream.getvalue()) == []
