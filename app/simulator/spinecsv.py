"""The spine.csv: which patients the simulated Spine knows, read strictly, and its state written the same way.

The NHS number check and the CSV reading are this package's own on purpose: a mistake in the product's must not
be shared by the Spine it is tried against.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.simulator.errors import SimulatorError, SpineCsvInvalid

COLUMNS = ("nhs_number", "has_scr", "permission")
IGNORED_COLUMNS = ("patient_ref",)
BYTE_ORDER_MARK = "\ufeff"

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_AS_TYPED = str.maketrans("", "", " -\u00a0")
_YES_NO = {"yes": True, "no": False, "": False}
_PERMISSIONS = {"yes": "Yes", "no": "No", "ask": "Ask", "": ""}

SpineRow = tuple[str, bool, str]
"""NHS number, has a summary, permission (Yes, No, Ask or empty for never set)."""


def is_nhs_number(text: str) -> bool:
    """Ten digits whose last is the modulus 11 check of the first nine, weighted 10 to 2."""
    if not _TEN_DIGITS.fullmatch(text):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    return (11 - remainder) % 11 == int(text[9])


def read_spine_csv(path: Path) -> list[SpineRow]:
    """All the patients of a spine.csv, in its order.

    Raises SpineCsvInvalid naming every bad line, or SimulatorError when the file cannot be read at all.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(csv.reader(file, strict=True))
    except OSError as error:
        raise SimulatorError(f"The Spine file {path} cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SimulatorError(f"The Spine file {path} is not UTF-8 text; save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise SimulatorError(f"The Spine file {path} is not a CSV file: {error}.") from error


def state_lines(rows: Iterable[SpineRow]) -> Iterator[str]:
    """The lines of a spine.csv for these patients, line ends included, the first with a byte order mark."""
    yield BYTE_ORDER_MARK + ",".join(COLUMNS) + "\r\n"
    for nhs_number, has_scr, permission in rows:
        yield f"{nhs_number},{'yes' if has_scr else 'no'},{permission}\r\n"


def _read(reader: Iterator[list[str]]) -> list[SpineRow]:
    header = [name.strip() for name in next(reader, [])]
    _check_header(header)
    rows: list[SpineRow] = []
    problems: list[str] = []
    first_line: dict[str, int] = {}
    for cells in reader:
        if not any(cells):
            continue
        line: int = reader.line_num  # type: ignore[attr-defined]
        if len(cells) != len(header):
            problems.append(f"Line {line}: {len(cells)} values where the header has {len(header)} columns.")
            continue
        values = dict(zip(header, cells, strict=True))
        row, reasons = _read_row(values)
        if row[0] in first_line and not reasons:
            reasons.append(f"nhs_number: the same number is already on line {first_line[row[0]]}")
        problems += [f"Line {line}, {reason}." for reason in reasons]
        if not reasons:
            first_line[row[0]] = line
            rows.append(row)
    if problems:
        raise SpineCsvInvalid(tuple(problems))
    return rows


def _check_header(header: list[str]) -> None:
    problems = [f"Line 1: the column {name} is missing." for name in COLUMNS if name not in header]
    problems += [
        f"Line 1: the column {name!r} is not one of {', '.join(COLUMNS)}."
        for name in header
        if name not in COLUMNS + IGNORED_COLUMNS
    ]
    problems += [f"Line 1: the column {name} is there twice." for name in COLUMNS if header.count(name) > 1]
    if problems:
        raise SpineCsvInvalid(tuple(problems))


def _read_row(values: dict[str, str]) -> tuple[SpineRow, list[str]]:
    """One line's patient, and for each column that cannot be used its name and why."""
    reasons = []
    nhs_number = values["nhs_number"].translate(_AS_TYPED)
    if not is_nhs_number(nhs_number):
        wrong = "its check digit is wrong" if _TEN_DIGITS.fullmatch(nhs_number) else "it is not ten digits"
        reasons.append(f"nhs_number: {wrong}")
    has_scr = _YES_NO.get(values["has_scr"].strip().lower())
    if has_scr is None:
        reasons.append("has_scr: it must be yes or no")
    permission = _PERMISSIONS.get(values["permission"].strip().lower())
    if permission is None:
        reasons.append("permission: it must be Yes, No, Ask or empty")
    return (nhs_number, bool(has_scr), permission or ""), reasons
