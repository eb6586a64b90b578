"""The demonstration practice as files: what the Spine is to know, and a list the program itself can import."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.exchange.practice_list import read_practice_list
from app.simulator.demo.people import LIST_DATE
from app.simulator.demo.practice import demonstration_patients
from app.simulator.demo.rows import DemoPatient
from app.simulator.demo.spine_csv import SpineCsvWriter
from app.simulator.spinecsv import read_spine_csv

PATIENTS = list(demonstration_patients(1_500, 3))


def test_the_spine_knows_everybody_with_a_valid_number_but_a_few(tmp_path: Path) -> None:
    path = tmp_path / "spine.csv"
    with SpineCsvWriter(path) as writer:
        for patient in PATIENTS:
            writer.add(patient)
    expected = [
        (patient.nhs_number, patient.spine.has_scr, patient.spine.permission) for patient in PATIENTS if patient.spine
    ]
    assert read_spine_csv(path) == expected
    assert writer.count == len(expected) < len(PATIENTS)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfnhs_number,has_scr,permission\r\n")


def test_a_number_that_is_not_valid_is_left_out_whatever_is_said_of_it(tmp_path: Path) -> None:
    known = next(patient for patient in PATIENTS if patient.spine)
    path = tmp_path / "spine.csv"
    with SpineCsvWriter(path) as writer:
        for number in ("", "9990000019", "1111111111"):
            writer.add(known._replace(nhs_number=number))
    assert read_spine_csv(path) == []


def test_a_spine_file_is_complete_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "spine.csv"
    path.write_text("earlier")

    def interrupted() -> None:
        with SpineCsvWriter(path) as writer:
            writer.add(PATIENTS[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "earlier"
    assert [file.name for file in tmp_path.iterdir()] == ["spine.csv"]


def write(path: Path, header: str, lines: list[list[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(lines)
    return path


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


def patient_line(patient: DemoPatient) -> list[object]:
    return [
        *patient[:7],
        yes_no(patient.fp69),
        yes_no(patient.sensitive),
        yes_no(patient.pds_linked),
        yes_no(patient.record_in_use),
    ]


def test_the_program_takes_the_list_as_a_practices_own(tmp_path: Path) -> None:
    checked = read_practice_list(
        write(
            tmp_path / "patients.csv",
            "patient_ref,nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,"
            "pds_linked,record_in_use",
            [patient_line(patient) for patient in PATIENTS],
        ),
        write(
            tmp_path / "consent.csv",
            "patient_ref,nhs_number,read_code,term,event_date,recorded_at,recorded_by",
            [[*patient[:2], *entry] for patient in PATIENTS for entry in patient.entries],
        ),
        write(
            tmp_path / "groups.csv",
            "patient_ref,nhs_number,group_name",
            [[*patient[:2], group] for patient in PATIENTS for group in patient.groups],
        ),
        today=LIST_DATE,
    )
    rows = list(checked.patients())
    assert [(row.patient_ref, row.nhs_number or "", row.surname, row.forename, row.sex) for row in rows] == [
        (patient.patient_ref, patient.nhs_number, patient.surname, patient.forename, patient.sex)
        for patient in PATIENTS
    ]
    assert [(row.code, row.event_date, row.recorded_at) for row in checked.entries()] == [
        (entry.code, entry.event_date, entry.recorded_at) for patient in PATIENTS for entry in patient.entries
    ]
    assert len(checked.warnings) >= 4
