"""Which patients a list has, by reference and by NHS number: for finding doubles and the patient a line belongs to.

Only these keys are held, never the rows.
"""

from __future__ import annotations

from app.exchange.columns import NHS_NUMBER, PATIENT_REF
from app.exchange.list_file import Cells


class PatientIndex:
    """The line of the patients file each reference and each NHS number stands on."""

    def __init__(self) -> None:
        self._lines_by_reference: dict[str, int] = {}
        self._lines_by_number: dict[str, int] = {}

    def add(self, cells: Cells, reference: str | None, number: str | None) -> None:
        """Take up a patient; notes a reference or number that another line has already."""
        for column, words, key, lines in (
            (PATIENT_REF, "patient reference", reference, self._lines_by_reference),
            (NHS_NUMBER, "NHS number", number, self._lines_by_number),
        ):
            if key is None:
                continue
            first = lines.setdefault(key, cells.line)
            if first != cells.line:
                cells.note(column, f"Line {first} has the same {words}. Each patient may be listed once.")

    def find(self, cells: Cells, reference: str | None, number: str | None) -> int | None:
        """The patient's line in the patients file, for a line of another file; notes why there is none.

        The reference decides where there is one, and an NHS number beside it must then be the same patient's: a
        consent must never reach somebody else's record.
        """
        if not cells.is_sound_in(PATIENT_REF, NHS_NUMBER):
            return None
        if reference is None:
            return self._find_by_number(cells, number)
        line = self._lines_by_reference.get(reference)
        if line is None:
            cells.note(PATIENT_REF, "The patients file has no patient with this reference.")
        elif number is not None and self._lines_by_number.get(number) != line:
            cells.note(
                NHS_NUMBER, "The patients file has another NHS number, or none, for the patient with this reference."
            )
        return line

    def _find_by_number(self, cells: Cells, number: str | None) -> int | None:
        if number is None:
            cells.note(NHS_NUMBER, "The NHS number is missing, so nobody can tell whose line this is.")
            return None
        line = self._lines_by_number.get(number)
        if line is None:
            cells.note(NHS_NUMBER, "The patients file has no patient with this NHS number.")
        return line
