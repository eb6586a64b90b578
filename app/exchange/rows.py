"""One line of each kind of file as the row it stands for.

Each function notes what is wrong with the line in the cells it is given; the row counts only if they are sound.
What a line means beside other lines is settled in `practice_list`.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from app.engine.practice import EntryRow, GroupRow, PatientRow
from app.exchange import cells as cell
from app.exchange.columns import GROUP_NAME, NHS_NUMBER, PATIENT_REF
from app.exchange.list_file import Cells


def patient_row(cells: Cells, today: date) -> PatientRow:
    """A line of the patients file; nobody is born after `today`."""
    return PatientRow(
        patient_ref=cells.read(PATIENT_REF, cell.optional_reference),
        nhs_number=cells.read(NHS_NUMBER, cell.optional_nhs_number),
        surname=cells.read("surname", cell.required_text),
        forename=cells.read("forename", cell.optional_text),
        date_of_birth=cells.read("date_of_birth", partial(cell.date_not_after, today)),
        sex=cells.read("sex", cell.sex),
        registration=cells.read("registration_status", cell.registration_status),
        fp69=cells.read("fp69", cell.flag),
        sensitive=cells.read("sensitive", cell.flag),
        pds_linked=cells.read("pds_linked", cell.flag_unless_denied),
        record_in_use=cells.read("record_in_use", cell.flag),
    )


def entry_row(cells: Cells, *, by_reference: bool) -> EntryRow:
    """A line of the consent file; its patient's reference is left out unless the files are linked by it."""
    return EntryRow(
        patient_ref=cells.read(PATIENT_REF, cell.optional_reference) if by_reference else None,
        nhs_number=cells.read(NHS_NUMBER, cell.optional_nhs_number),
        code=cells.read("read_code", cell.sharing_code),
        term=cells.read("term", cell.optional_text),
        event_date=cells.read("event_date", cell.required_date),
        recorded_at=cells.read("recorded_at", cell.optional_instant),
        recorded_by=cells.read("recorded_by", cell.optional_text),
    )


def group_row(cells: Cells, *, by_reference: bool) -> GroupRow:
    """A line of the groups file; its patient's reference is left out unless the files are linked by it."""
    return GroupRow(
        group_name=cells.read(GROUP_NAME, cell.required_text),
        patient_ref=cells.read(PATIENT_REF, cell.optional_reference) if by_reference else None,
        nhs_number=cells.read(NHS_NUMBER, cell.optional_nhs_number),
    )
