"""A sound list: what its rows are, how its files are linked, what is tolerated, and what is warned of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.domain.errors import BadInput
from app.domain.patient import RegistrationStatus
from app.engine.practice import EntryRow, GroupRow, ListSizes, PatientRow, PracticeList
from app.exchange.findings import BadLines
from app.exchange.practice_list import CheckedList, read_practice_list

Read = Callable[..., CheckedList]

TODAY = date(2026, 3, 2)
HEADER = "nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,pds_linked,record_in_use"
CONSENT_HEADER = "nhs_number,read_code,term,event_date,recorded_at,recorded_by"
BERYL = "9990000018,Ashworth,Beryl,1950-02-01,female,permanent,no,no,yes,no"
CHIDI = "9990000026,Okafor,Chidi,1984-05-06,male,permanent,no,no,yes,no"


def test_the_rows_of_a_sound_list(read: Read) -> None:
    checked: PracticeList = read(
        ["999 000 0018,Ashworth,Beryl,01/02/1950,F,Transferred out,Y,TRUE,N,1", ",O'Neill,,1984-05-06,,applied,,,,"],
        ['9990000018,9Ndo,"Express dissent, in writing",2021-07-01,2021-07-01T10:00:00,Dr Patel'],
        ["Diabetes review,9990000018"],
    )
    assert list(checked.patients()) == [
        PatientRow(
            patient_ref=None,
            nhs_number="9990000018",
            surname="Ashworth",
            forename="Beryl",
            date_of_birth=date(1950, 2, 1),
            sex="female",
            registration=RegistrationStatus.TRANSFERRED_OUT,
            fp69=True,
            sensitive=True,
            pds_linked=False,
            record_in_use=True,
        ),
        PatientRow(
            patient_ref=None,
            nhs_number=None,
            surname="O'Neill",
            forename="",
            date_of_birth=date(1984, 5, 6),
            sex="unknown",
            registration=RegistrationStatus.APPLIED,
        ),
    ]
    assert list(checked.entries()) == [
        EntryRow(
            patient_ref=None,
            nhs_number="9990000018",
            code="9Ndo.",
            term="Express dissent, in writing",
            event_date=date(2021, 7, 1),
            recorded_at=datetime(2021, 7, 1, 9, 0, tzinfo=UTC),
            recorded_by="Dr Patel",
        )
    ]
    assert list(checked.groups()) == [GroupRow("Diabetes review", None, "9990000018")]


def test_a_list_can_be_gone_through_again(read: Read) -> None:
    checked = read([BERYL, CHIDI])
    assert list(checked.patients()) == list(checked.patients())
    assert checked.sizes == ListSizes(2, 0, 0)
    assert list(checked.groups()) == []


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last_end", [True, False])
def test_byte_order_mark_and_line_ends(read: Read, mark: bytes, end: bytes, last_end: bool) -> None:
    lines = [HEADER, '9990000018,"Smith, Jr","Zoë ""Zed""",1950-02-01,female,permanent,no,no,yes,no', "", CHIDI]
    content = mark + end.join(line.encode() for line in lines) + (end if last_end else b"")
    names = [(row.surname, row.forename) for row in read(content).patients()]
    assert names == [("Smith, Jr", 'Zoë "Zed"'), ("Okafor", "Chidi")]


def test_quoted_line_breaks_are_part_of_the_text(read: Read) -> None:
    checked = read(consent=['9990000018,9Ndo.,"first\nsecond\r\nthird",2020-01-01,,'])
    assert [row.term for row in checked.entries()] == ["first\nsecond\r\nthird"]


def test_columns_in_any_order_and_spelling(read: Read) -> None:
    header = (
        " Surname,FORENAME,Date of Birth,Sex,Registration-Status,FP69,Sensitive,PDS linked,Record in use,NHS Number,"
    )
    checked = read(["Ashworth,Beryl,1950-02-01,female,permanent,no,no,yes,no,9990000018,"], patients_header=header)
    assert [(row.nhs_number, row.surname) for row in checked.patients()] == [("9990000018", "Ashworth")]


def test_text_is_taken_without_the_padding_of_fixed_width_systems(read: Read) -> None:
    checked = read(["9990000018 , Ashworth   ,Beryl,1950-02-01 , female ,permanent,no,no,yes,no"])
    (row,) = checked.patients()
    assert (row.surname, row.sex) == ("Ashworth", "female")


def test_the_other_sharing_codes_are_kept(read: Read) -> None:
    codes = ["93C0.", "93C1", "9Nd1.00", "9Nd7."]
    checked = read(consent=[f"9990000018,{code},,2012-03-04,," for code in codes])
    assert [row.code for row in checked.entries()] == ["93C0.", "93C1.", "9Nd1.", "9Nd7."]


def test_entries_may_be_dated_in_the_future_and_keep_their_order(read: Read) -> None:
    dates = ["2062-01-01", "2012-01-01", "2012-01-01"]
    checked = read(consent=[f"9990000018,9Ndo.,{place},{day},," for place, day in enumerate(dates)])
    assert [(row.term, row.event_date.isoformat()) for row in checked.entries()] == list(zip("012", dates, strict=True))
    [warning] = checked.warnings
    assert (warning.file, warning.line, warning.column) == ("consent.csv", 2, "event_date")
    assert "This date is in the future" in warning.reason


def test_only_entries_that_would_count_are_warned_of_for_their_date(read: Read) -> None:
    assert read(consent=["9990000018,93C1.,,2062-01-01,,"]).warnings == ()


def test_numbers_that_cannot_be_right_are_taken_with_a_warning(read: Read) -> None:
    checked = read(
        [
            BERYL,
            ",Nobody,No,1950-02-01,female,permanent,no,no,yes,no",
            "9990000027,Okafor,Chidi,1984-05-06,male,permanent,no,no,yes,no",
            "1111111111,Okafor,Ada,1984-05-06,female,permanent,no,no,yes,no",
        ],
        ["9990000027,9Ndo.,,2020-01-01,,"],
    )
    assert [(warning.file, warning.line, warning.column) for warning in checked.warnings] == [
        ("patients.csv", 3, "nhs_number"),
        ("patients.csv", 4, "nhs_number"),
        ("patients.csv", 5, "nhs_number"),
    ]
    assert [row.nhs_number for row in checked.patients()] == ["9990000018", None, "9990000027", "1111111111"]
    assert checked.sizes.entries == 1


class TestLinking:
    """`patient_ref` links two files that both carry it; else the NHS number does."""

    patients_header = f"patient_ref,{HEADER}"
    consent_header = f"patient_ref,{CONSENT_HEADER}"

    def faults(self, read: Read, *args: object, **kwargs: object) -> list[tuple[str, int, str]]:
        with pytest.raises(BadLines) as refusal:
            read(*args, **kwargs)
        return [(line.file, line.line, line.column) for line in refusal.value.lines]

    def test_by_reference(self, read: Read) -> None:
        checked = read(
            ["A1,,Ashworth,Beryl,1950-02-01,female,permanent,no,no,yes,no", f"B2,{CHIDI}"],
            ["A1,,9Ndo.,,2020-01-01,,", "B2,9990000026,9Ndo.,,2020-01-01,,", ",9990000026,9Ndm.,,2021-01-01,,"],
            ["Review,A1,", "Review,B2,"],
            patients_header=self.patients_header,
            consent_header=self.consent_header,
            groups_header="group_name,patient_ref,nhs_number",
        )
        assert [row.patient_ref for row in checked.patients()] == ["A1", "B2"]
        assert [(row.patient_ref, row.nhs_number) for row in checked.entries()] == [
            ("A1", None),
            ("B2", "9990000026"),
            (None, "9990000026"),
        ]
        assert [row.patient_ref for row in checked.groups()] == ["A1", "B2"]

    def test_a_reference_only_one_file_has_links_nothing(self, read: Read) -> None:
        checked = read([BERYL], ["X9,9990000018,9Ndo.,,2020-01-01,,"], consent_header=self.consent_header)
        assert [(row.patient_ref, row.nhs_number) for row in checked.entries()] == [(None, "9990000018")]
        checked = read([f"A1,{BERYL}"], ["9990000018,9Ndo.,,2020-01-01,,"], patients_header=self.patients_header)
        assert [(row.patient_ref, row.nhs_number) for row in checked.entries()] == [(None, "9990000018")]

    def test_an_unknown_reference(self, read: Read) -> None:
        assert self.faults(
            read,
            [f"A1,{BERYL}"],
            ["X9,9990000018,9Ndo.,,2020-01-01,,"],
            patients_header=self.patients_header,
            consent_header=self.consent_header,
        ) == [("consent.csv", 2, "patient_ref")]

    def test_a_reference_and_a_number_of_two_patients(self, read: Read) -> None:
        assert self.faults(
            read,
            [f"A1,{BERYL}", f"B2,{CHIDI}"],
            ["A1,9990000026,9Ndo.,,2020-01-01,,", "A1,9990000034,9Ndo.,,2020-01-01,,"],
            patients_header=self.patients_header,
            consent_header=self.consent_header,
        ) == [("consent.csv", 2, "nhs_number"), ("consent.csv", 3, "nhs_number")]

    def test_the_same_reference_twice(self, read: Read) -> None:
        assert self.faults(read, [f"A1,{BERYL}", f"A1,{CHIDI}"], patients_header=self.patients_header) == [
            ("patients.csv", 3, "patient_ref")
        ]

    def test_patients_without_reference_and_number(self, read: Read) -> None:
        nobody = ",,Nobody,No,1950-02-01,female,permanent,no,no,yes,no"
        checked = read([nobody, nobody], patients_header=self.patients_header)
        assert [row.patient_ref for row in checked.patients()] == [None, None]


class TestFiles:
    """Files that are not there, cannot be read, or change between the two readings."""

    def write(self, folder: Path) -> tuple[Path, Path]:
        patients, consent = folder / "list.csv", folder / "codes.csv"
        patients.write_text(f"{HEADER}\n{BERYL}\n{CHIDI}\n")
        consent.write_text(f"{CONSENT_HEADER}\n9990000018,9Ndo.,,2020-01-01,,\n")
        return patients, consent

    def test_a_missing_file(self, tmp_path: Path) -> None:
        patients, consent = self.write(tmp_path)
        with pytest.raises(BadInput, match=r"groups\.csv was not found"):
            read_practice_list(patients, consent, tmp_path / "groups.csv", today=TODAY)

    def test_a_folder(self, tmp_path: Path) -> None:
        patients, _ = self.write(tmp_path)
        with pytest.raises(BadInput, match="is a folder or a device"):
            read_practice_list(patients, tmp_path, None, today=TODAY)

    def test_a_file_below_a_file(self, tmp_path: Path) -> None:
        patients, _ = self.write(tmp_path)
        with pytest.raises(BadInput, match=r"x\.csv cannot be read"):
            read_practice_list(patients, patients / "x.csv", None, today=TODAY)

    def test_two_files_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        folder = tmp_path / "codes"
        folder.mkdir()
        patients, consent = self.write(tmp_path)
        consent = consent.rename(folder / patients.name)
        consent.write_text(f"{CONSENT_HEADER}\n9990000018,9Ndo.,,soon,,\n")
        with pytest.raises(BadLines) as refusal:
            read_practice_list(patients, consent, None, today=TODAY)
        assert [line.file for line in refusal.value.lines] == [str(consent)]

    @pytest.mark.parametrize(
        "content",
        [
            f"{HEADER}\n{BERYL}\n{CHIDI.replace('Chidi', 'China')}\n",
            f"{HEADER}\n{BERYL}\n",
            f"{HEADER}\n{BERYL}\n{CHIDI}\n{BERYL}\n",
            f"{HEADER}\n{BERYL}\nnonsense\n",
            f"{HEADER}\n{BERYL.replace('female', 'robot')}\n",
            "other,header\n",
            "",
        ],
    )
    def test_a_file_changed_between_the_readings(self, tmp_path: Path, content: str) -> None:
        patients, consent = self.write(tmp_path)
        checked = read_practice_list(patients, consent, None, today=TODAY)
        patients.write_text(content)
        with pytest.raises(BadInput, match=r"list\.csv was changed"):
            list(checked.patients())
        assert len(list(checked.entries())) == 1

    def test_a_file_gone_between_the_readings(self, tmp_path: Path) -> None:
        patients, consent = self.write(tmp_path)
        checked = read_practice_list(patients, consent, None, today=TODAY)
        consent.unlink()
        with pytest.raises(BadInput, match=r"codes\.csv was not found"):
            list(checked.entries())


def test_a_consent_file_without_any_entry_is_warned_of(read: Read) -> None:
    [warning] = read([BERYL], []).warnings
    assert (warning.file, warning.line) == ("consent.csv", 1)
    assert "nobody counts as having objected" in warning.reason
    assert read([BERYL], ["9990000018,9Ndm.,,2021-07-01,,"]).warnings == ()
