"""The spine.csv: what is taken as people write it, and every line that cannot be used, named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.simulator.errors import SimulatorError, SpineCsvInvalid
from app.simulator.spinecsv import is_nhs_number, read_spine_csv


def read(tmp_path: Path, content: str | bytes) -> list[tuple[str, bool, str]]:
    path = tmp_path / "spine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_spine_csv(path)


def problems(tmp_path: Path, content: str) -> tuple[str, ...]:
    with pytest.raises(SpineCsvInvalid) as invalid:
        read(tmp_path, content)
    assert [problem for problem in invalid.value.problems if problem not in str(invalid.value)] == []
    return invalid.value.problems


@pytest.mark.parametrize(
    "number",
    ["9000000009", "9000000017", "9000000025", "9000000033", "9111231130", "9995000180", "9691036053", "9990000069"],
)
def test_right_numbers(number: str) -> None:
    assert is_nhs_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "9000000000",
        "9995000181",
        "",
        "900000000",
        "90000000090",
        "9000000009\n",
        "٩٠٠٠٠٠٠٠٠٩",
        "900000000x",
        "²000000009",
    ],
)
def test_wrong_numbers(number: str) -> None:
    assert not is_nhs_number(number)


def test_a_stem_whose_check_digit_would_be_ten_makes_no_number() -> None:
    # 0*10 + ... + 0*3 + 1*2 leaves remainder 2 and digit 9; 000000006 leaves 1, which would need the digit 10.
    assert is_nhs_number("0000000019")
    assert not any(is_nhs_number(f"000000006{digit}") for digit in range(10))


def test_as_people_write_it(tmp_path: Path) -> None:
    content = (
        b"\xef\xbb\xbfhas_scr, nhs_number,permission\r\n"
        b"YES,999 000 0018,no\r\n"
        b"\r\n"
        b'no,"999-000-0026", Ask \r\n'
        b",9990000034,\r\n"
        b"Yes,9990000042,YES\r\n"
    )
    assert read(tmp_path, content) == [
        ("9990000018", True, "No"),
        ("9990000026", False, "Ask"),
        ("9990000034", False, ""),
        ("9990000042", True, "Yes"),
    ]


def test_a_practices_own_reference_is_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, "patient_ref,nhs_number,has_scr,permission\nA1,9990000018,no,\n") == [
        ("9990000018", False, "")
    ]


def test_every_bad_line_is_named_with_column_and_reason(tmp_path: Path) -> None:
    content = (
        "nhs_number,has_scr,permission\n"
        "9990000018,yes,No\n"
        "9990000019,yes,No\n"
        "999000002,maybe,Nope\n"
        "9990000026,yes\n"
        "9990000034,no,Ask\n"
        "9990000018,no,\n"
        ",no,\n"
    )
    found = problems(tmp_path, content)
    assert found == (
        "Line 3, nhs_number: its check digit is wrong.",
        "Line 4, nhs_number: it is not ten digits.",
        "Line 4, has_scr: it must be yes or no.",
        "Line 4, permission: it must be Yes, No, Ask or empty.",
        "Line 5: 2 values where the header has 3 columns.",
        "Line 7, nhs_number: the same number is already on line 2.",
        "Line 8, nhs_number: it is not ten digits.",
    )
    assert not any("999" in problem for problem in found)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "Line 1: the column nhs_number is missing."),
        ("nhs_number,has_scr\n", "Line 1: the column permission is missing."),
        ("nhs_number,has_scr,permission,colour\n", "Line 1: the column 'colour' is not one of"),
        ("nhs_number,has_scr,permission,permission\n", "Line 1: the column permission is there twice."),
    ],
)
def test_bad_headers(tmp_path: Path, content: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(tmp_path, content))


def test_files_that_cannot_be_read_at_all(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="cannot be opened"):
        read_spine_csv(tmp_path / "missing.csv")
    with pytest.raises(SimulatorError, match="UTF-8"):
        read(tmp_path, b"nhs_number,has_scr,permission\n\xff\xfe\n")
    with pytest.raises(SimulatorError, match="CSV"):
        read(tmp_path, 'nhs_number,has_scr,permission\n"9990000018" x,yes,No\n')
