"""Lists of NHS numbers as staff have them: pasted columns, CSV files, and everything a spreadsheet does to both."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.engine.groups import NumberList
from app.exchange.number_list import MOST_BYTES, TextNumberReader
from tests.helpers.practice import number

A, B, C = number(0), number(1), number(2)


def read(text: str) -> NumberList:
    return TextNumberReader().from_text(text)


def numbers(text: str) -> list[tuple[int, str]]:
    listed = read(text)
    assert not listed.faults
    return [(one.line, one.number) for one in listed.numbers]


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{B}\n{C}",
        f"{A}\r\n{B}\r\n{C}\r\n",
        f"\ufeff{A}\n  {B}  \n{C}\n",
        f"{A[:3]} {A[3:6]} {A[6:]}\n{B[:3]}-{B[3:6]}-{B[6:]}\n{C}",
        f'"{A}"\n"{B}"\n{C}',
        f"{A},\n{B},\n{C},",
    ],
)
def test_a_column_of_numbers_however_it_was_pasted(text):
    assert numbers(text) == [(1, A), (2, B), (3, C)]


@pytest.mark.parametrize("separator", [",", ";", "\t", ", "])
def test_several_on_a_line(separator):
    assert numbers(f"{A}{separator}{B}\n{C}") == [(1, A), (1, B), (2, C)]


def test_blank_lines_count_but_say_nothing():
    assert numbers(f"\n\n{A}\n   \n,,\n{B}\n") == [(3, A), (6, B)]


@pytest.mark.parametrize("heading", ["nhs_number", "NHS Number", "nhs-number"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_with_headings_gives_its_column(heading, separator):
    lines = [("surname", heading, "dob"), ("Smith", A, "1970"), ("O'Brien", B, "1971")]
    text = "\n".join(separator.join(line) for line in lines)
    assert numbers(text) == [(2, A), (3, B)]


def test_a_name_with_a_comma_between_quotation_marks_is_one_value():
    assert numbers(f'name,nhs_number\n"Smith, Ann",{A}') == [(2, A)]


def test_every_bad_line_is_named_with_its_reason_and_never_repeated():
    listed = read(f"{A}\n12345\nAnn Smith\n{B}\n9.99E+09\n{A[:-1]}\n--\n")
    assert [(one.line, one.number) for one in listed.numbers] == [(1, A), (4, B)]
    assert [fault.line for fault in listed.faults] == [2, 3, 5, 6, 7]
    words = {fault.line: str(fault) for fault in listed.faults}
    assert "5 digits" in words[2]
    assert "ten of the digits" in words[3]
    assert "9.99E+09" in words[5]
    assert "nine digits" in words[6]
    assert all(words[line].startswith(f"Line {line}: ") for line in words)
    for secret in ("12345", "Smith", A[:-1]):
        assert secret not in "".join(words.values())


def test_a_row_without_a_number_and_one_that_is_too_short():
    listed = read(f"name,nhs_number\nSmith,\nJones\nBrown,{A}")
    assert [fault.line for fault in listed.faults] == [2, 3]
    assert [one.line for one in listed.numbers] == [4]


def test_a_number_with_a_wrong_check_digit_is_read_all_the_same():
    wrong = A[:-1] + str((int(A[-1]) + 1) % 10)
    assert numbers(wrong) == [(1, wrong)]


@given(st.text())
def test_any_text_is_read_and_every_line_accounted_for(text):
    listed = read(text)
    told = {one.line for one in listed.numbers} | {fault.line for fault in listed.faults}
    written = {at for at, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1) if line.strip(" \t,;")}
    assert told <= written
    assert len(written - told) <= 1, "a line of headings at the most"


# --- files --------------------------------------------------------------------------------------------------------


def file_of(folder: Path, content: bytes) -> Path:
    path = folder / "numbers.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_is_read_as_a_text_is(tmp_path: Path, encoding: str):
    path = file_of(tmp_path, f"nhs_number\r\n{A}\r\nzoë\r\n".encode(encoding))
    listed = TextNumberReader().from_file(path)
    assert [one.number for one in listed.numbers] == [A]
    assert [fault.line for fault in listed.faults] == [3]


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00", b"caf\xe9\n", "nhs_number\n1".encode("utf-16")])
def test_a_spreadsheets_own_file_is_refused_with_what_to_do(tmp_path: Path, content: bytes):
    with pytest.raises(BadInput, match="CSV UTF-8"):
        TextNumberReader().from_file(file_of(tmp_path, content))


def test_a_file_that_is_not_there_is_not_text_or_is_far_too_large(tmp_path: Path):
    reader = TextNumberReader()
    with pytest.raises(BadInput, match="cannot be read"):
        reader.from_file(tmp_path / "nothing.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        reader.from_file(tmp_path)
    huge = file_of(tmp_path, b"")
    os.truncate(huge, MOST_BYTES + 1)
    with pytest.raises(BadInput, match="too large"):
        reader.from_file(huge)
