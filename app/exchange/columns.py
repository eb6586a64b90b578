"""The columns of each file, and finding them in a header line whatever their order.

A header cell is recognised in any letter case and with spaces or hyphens for underscores. What stands below a
column is settled in `cells`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PATIENT_REF = "patient_ref"
NHS_NUMBER = "nhs_number"
GROUP_NAME = "group_name"


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of file: the columns it must have. `patient_ref` may come on top of them in every kind."""

    columns: tuple[str, ...]

    @property
    def exported(self) -> tuple[str, ...]:
        """The columns in the order they are written."""
        return (PATIENT_REF, *self.columns)


PATIENTS = Layout(
    (
        NHS_NUMBER,
        "surname",
        "forename",
        "date_of_birth",
        "sex",
        "registration_status",
        "fp69",
        "sensitive",
        "pds_linked",
        "record_in_use",
    )
)
CONSENT = Layout((NHS_NUMBER, "read_code", "term", "event_date", "recorded_at", "recorded_by"))
GROUPS = Layout((GROUP_NAME, NHS_NUMBER))
OUTCOMES = Layout(
    (
        NHS_NUMBER,
        "outcome",
        "reason",
        "code_before",
        "code_after",
        "scr_on_spine",
        "permission_before",
        "message_sent",
        "attempts",
        "spine_code",
        "processed_at",
        "mismatch",
    )
)


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """Why a header line cannot be used; `column` is None when the line as a whole is meant."""

    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column stands. `unnamed` are columns without a name, which must stay empty."""

    places: dict[str, int]
    unnamed: tuple[int, ...]
    width: int

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self.places


def read_header(cells: Sequence[str], layout: Layout) -> Header | list[HeaderFault]:
    """The header these cells make, or everything that is wrong with them."""
    names = [_name(cell) for cell in cells]
    known = layout.exported
    if not _is_header_line(names, layout):
        return [HeaderFault(None, _no_header(cells, layout))]
    faults = [HeaderFault(name, "This column is missing.") for name in layout.columns if name not in names]
    faults += [HeaderFault(name, "This column is there twice.") for name in known if names.count(name) > 1]
    faults += [
        HeaderFault(
            name[:40], f"The program does not know this column. Remove or rename it; it knows {', '.join(known)}."
        )
        for name in dict.fromkeys(names)
        if name and name not in known
    ]
    if faults:
        return faults
    places = {name: place for place, name in enumerate(names) if name}
    return Header(places, tuple(place for place, name in enumerate(names) if not name), len(names))


def _name(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip().lower())


def _is_header_line(names: Iterable[str], layout: Layout) -> bool:
    # Half of the columns must be there before any cell is repeated to the user: without a header line the first
    # line is a patient.
    return len(set(names) & set(layout.columns)) * 2 >= len(layout.columns)


def _no_header(cells: Sequence[str], layout: Layout) -> str:
    separator = next((words for sign, words in _OTHER_SEPARATORS.items() if sign in cells[0]), None)
    if len(cells) == 1 and separator:
        return (
            f"The columns are separated by {separator}, not by commas. "
            "In Excel choose Save As, CSV UTF-8 (comma delimited)."
        )
    return f"This is not a header line. The first line must name the columns: {', '.join(layout.columns)}."


_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
