"""A list with faults of every kind: all of them are named in one go, with file, line and column."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.errors import BadInput
from app.exchange.findings import WHOLE_LINE, BadLine, BadLines
from app.exchange.practice_list import CheckedList

Read = Callable[..., CheckedList]

GOOD = "9990000026,Okafor,Chidi,1984-05-06,male,permanent,no,no,yes,no"


def places(error: BadLines) -> list[tuple[str, int, str]]:
    return [(line.file, line.line, line.column) for line in error.lines]


def faults(read: Read, *args: object, **kwargs: object) -> list[tuple[str, int, str]]:
    with pytest.raises(BadLines) as refusal:
        read(*args, **kwargs)
    return places(refusal.value)


BAD_PATIENTS = [
    (GOOD, ()),  # line 2, sound
    ("9.99E+09,Okafor,Ada,1984-05-06,female,permanent,no,no,yes,no", ("nhs_number",)),
    ("990000026,Okafor,Ada,1984-05-06,female,permanent,no,no,yes,no", ("nhs_number",)),
    ("9990000034.0,Okafor,Ada,1984-05-06,female,permanent,no,no,yes,no", ("nhs_number",)),
    ("٩٩٩٠٠٠٠٠٣٤,Okafor,Ada,1984-05-06,female,permanent,no,no,yes,no", ("nhs_number",)),
    ("9990000026,Okafor,Twin,1984-05-06,female,permanent,no,no,yes,no", ("nhs_number",)),
    (",,Ada,1984-05-06,female,permanent,no,no,yes,no", ("surname",)),
    (",Okafor,Ada,44197,female,permanent,no,no,yes,no", ("date_of_birth",)),
    (",Okafor,Ada,06/05/84,female,permanent,no,no,yes,no", ("date_of_birth",)),
    (",Okafor,Ada,05/13/1984,female,permanent,no,no,yes,no", ("date_of_birth",)),
    (",Okafor,Ada,2062-05-06,female,permanent,no,no,yes,no", ("date_of_birth",)),
    (",Okafor,Ada,,female,permanent,no,no,yes,no", ("date_of_birth",)),
    (",Okafor,Ada,1984-05-06,woman,permanent,no,no,yes,no", ("sex",)),
    (",Okafor,Ada,1984-05-06,female,gone,no,no,yes,no", ("registration_status",)),
    (",Okafor,Ada,1984-05-06,female,,no,no,yes,no", ("registration_status",)),
    (",Okafor,Ada,1984-05-06,female,permanent,perhaps,no,yes,no", ("fp69",)),
    (",Okafor,Ada,1984-05-06,female,permanent,no,x,z,?", ("sensitive", "pds_linked", "record_in_use")),
    (",Okafor,Ada,1984-05-06,female,permanent,no,no,yes", (WHOLE_LINE,)),
    (",Okafor,Ada,1984-05-06,female,permanent,no,no,yes,no,no", (WHOLE_LINE,)),
    (",Oka\0for,Ada,1984-05-06,female,permanent,no,no,yes,no", ("surname",)),
    (',"Okafor,Ada,1984-05-06,female,permanent,no,no,yes,no', (WHOLE_LINE,)),
    (',"Oka"for,Ada,1984-05-06,female,permanent,no,no,yes,no', (WHOLE_LINE,)),
    ("123,,Ada,never,F,gone,no,no,yes,no", ("nhs_number", "surname", "date_of_birth", "registration_status")),
]  # fmt: skip
BAD_CONSENT = [
    ("9990000026,9Ndo.,Express dissent,2020-01-01,,Dr Who", ()),
    ("9990000042,9Ndo.,,2020-01-01,,", ("nhs_number",)),
    (",9Ndo.,,2020-01-01,,", ("nhs_number",)),
    ("9990000026,9Ndz.,,2020-01-01,,", ("read_code",)),
    ("9990000026,,,2020-01-01,,", ("read_code",)),
    ("9990000026,9Ndo.,,,,", ("event_date",)),
    ("9990000026,9Ndo.,,2020-01-01,half past nine,", ("recorded_at",)),
    ("99900000,9Ndq.,,soon,x,", ("nhs_number", "read_code", "event_date", "recorded_at")),
]
BAD_GROUPS = [
    ("Diabetes review,9990000026", ()),
    ("Diabetes review,9990000042", ("nhs_number",)),
    (" ,9990000026", ("group_name",)),
    ("Diabetes review,999 000 0026", (WHOLE_LINE,)),
    ("diabetes review,9990000026", ("group_name",)),
    ("Diabetes reviews,9990000026", ()),
]


def test_every_bad_line_of_every_file_is_named_in_one_go(read: Read) -> None:
    expected = [
        (file, line, column)
        for file, content in (
            ("patients.csv", BAD_PATIENTS),
            ("consent.csv", BAD_CONSENT),
            ("groups.csv", BAD_GROUPS),
        )
        for line, (_, columns) in enumerate(content, start=2)
        for column in columns
    ]
    with pytest.raises(BadLines) as refusal:
        read(*([text for text, _ in content] for content in (BAD_PATIENTS, BAD_CONSENT, BAD_GROUPS)))
    assert sorted(places(refusal.value)) == sorted(expected)
    assert len({(file, line) for file, line, _ in expected}) > 30
    shown = str(refusal.value)
    for bad in refusal.value.lines:
        assert f"{bad.file}, line {bad.line}, {bad.column}: {bad.reason}" in shown
        assert bad.reason.endswith(".")
    for secret in ("Okafor", "Twin", "9990000026", "9990000042", "Dr Who"):
        assert secret not in shown


def test_bad_lines_are_an_input_the_program_can_tell_about() -> None:
    assert issubclass(BadLines, BadInput)
    error = BadLines([BadLine("patients.csv", 3, "sex", "Write male.")])
    assert str(error).splitlines()[1:] == ["patients.csv, line 3, sex: Write male."]
    assert "1 fault first" in str(error)


def test_a_missing_quotation_mark_does_not_hide_the_lines_after_it(read: Read) -> None:
    patients = [
        ',"Open,Ada,1984-05-06,female,permanent,no,no,yes,no',
        ",Bad,Ada,1984-05-06,robot,permanent,no,no,yes,no",
        ',Fine,"Ada, ""the first""",1984-05-06,female,permanent,no,no,yes,no',
        ",Bad,Ada,1984-05-06,robot,permanent,no,no,yes,no",
    ]
    assert faults(read, patients) == [
        ("patients.csv", 2, WHOLE_LINE),
        ("patients.csv", 3, "sex"),
        ("patients.csv", 5, "sex"),
    ]


def test_two_missing_quotation_marks_that_happen_to_close_each_other(read: Read) -> None:
    patients = [
        ',"Open,Ada,1984-05-06,female,permanent,no,no,yes,no',
        ",Bad,Ada,1984-05-06,robot,permanent,no,no,yes,no",
        '","Ada,1984-05-06,female,permanent,no,no,yes,no',
    ]
    named = faults(read, patients)
    assert ("patients.csv", 2, WHOLE_LINE) in named
    assert ("patients.csv", 3, "sex") in named
    assert ("patients.csv", 4, WHOLE_LINE) in named


def test_lines_are_counted_as_a_text_editor_counts_them(read: Read) -> None:
    patients = [
        "",
        ',"Two\nlines",Ada,1984-05-06,female,permanent,no,no,yes,no',
        ",,,,,,,,,",
        ",Bad,Ada,1984-05-06,robot,permanent,no,no,yes,no",
    ]
    assert faults(read, patients) == [("patients.csv", 6, "sex")]


def test_windows_1252_is_named_with_its_cell_and_how_to_save_it(read: Read) -> None:
    header = (
        "nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,pds_linked,record_in_use\n"
    )
    patients = (
        header
        + ",Brontë,Zoë,1984-05-06,female,permanent,,,,\n"
        + ",Bad,Ada,1984-05-06,robot,permanent,,,,\n"
        + ",Muller,Ada,1984-05-06,female,permanent,,,,\n"
    ).encode("windows-1252")
    with pytest.raises(BadLines) as refusal:
        read(patients)
    assert places(refusal.value) == [
        ("patients.csv", 2, "surname"),
        ("patients.csv", 2, "forename"),
        ("patients.csv", 3, "sex"),
    ]
    assert "CSV UTF-8" in refusal.value.lines[0].reason


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xfe\r\nxl/workbook", "CSV UTF-8"),
        ("nhs_number,surname\r\n".encode("utf-16"), "CSV UTF-8"),
        (b"nhs_number;surname;forename;date_of_birth\r\n", "semicolons"),
        (b"nhs_number\tsurname\tforename\tdate_of_birth\r\n", "tabs"),
        (b'nhs_number,"surname,forename\r\n', "quotation marks"),
        (b"9990000026,Okafor,Chidi,1984-05-06,male,permanent,no,no,yes,no\r\n", "not a header line"),
    ],
)
def test_a_file_that_is_no_list_at_all(read: Read, content: bytes, hint: str) -> None:
    with pytest.raises(BadLines, match=hint) as refusal:
        read(content)
    assert [(line.line, line.column) for line in refusal.value.lines] == [(1, WHOLE_LINE)] or b"\r\n\r\n" in content
    assert "Okafor" not in str(refusal.value)


def test_header_faults_name_their_columns(read: Read) -> None:
    header = "nhs_number,surname,surname,date_of_birth,sex,registration_status,fp69,sensitive,pds_linked,Shoe size"
    assert faults(read, [GOOD], patients_header=header) == [
        ("patients.csv", 1, "forename"),
        ("patients.csv", 1, "record_in_use"),
        ("patients.csv", 1, "surname"),
        ("patients.csv", 1, "shoe_size"),
    ]


def test_a_patients_file_without_patients(read: Read) -> None:
    named = faults(read, [], ["9990000026,9Ndo.,,2020-01-01,,", "9990000026,9Nd,,2020-01-01,,"])
    assert named == [("patients.csv", 1, WHOLE_LINE), ("consent.csv", 3, "read_code")]


def test_faults_of_the_other_files_are_named_beside_a_bad_header(read: Read) -> None:
    named = faults(read, [GOOD], [f"9990000026,9Ndq.,,2020-01-01,,"], patients_header="name,number")  # noqa: F541
    assert named == [("patients.csv", 1, WHOLE_LINE), ("consent.csv", 2, "read_code")]


def test_a_value_below_no_name(read: Read) -> None:
    header = "nhs_number,read_code,term,event_date,recorded_at,recorded_by,,"
    consent = ["9990000018,9Ndo.,,2020-01-01,,,,", "9990000018,9Ndo.,,2020-01-01,,,x,"]
    assert faults(read, consent=consent, consent_header=header) == [("consent.csv", 3, WHOLE_LINE)]
