"""The spine.csv of a demonstration practice: what the simulated Spine is to know, written while patients pass by."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from types import TracebackType

from app.simulator.demo.nhs_numbers import is_valid
from app.simulator.demo.rows import DemoPatient

_COLUMNS = ("nhs_number", "has_scr", "permission")


class SpineCsvWriter:
    """A context manager: `add` every patient, and the file stands complete when it is left, or not at all.

    Patients whose number is missing or invalid, and those the Spine is not to know, are left out. `count` is how
    many are in. Raises OSError as files do.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._part = path.with_name(f"{path.name}.part")

    def __enter__(self) -> SpineCsvWriter:
        self._stream = self._part.open("w", encoding="utf-8-sig", newline="")
        self._lines = csv.writer(self._stream)
        self._lines.writerow(_COLUMNS)
        return self

    def add(self, patient: DemoPatient) -> None:
        """Write a patient's line, if the Spine is to know them."""
        if patient.spine is not None:
            self.add_known(patient.nhs_number, has_scr=patient.spine.has_scr, permission=patient.spine.permission)

    def add_known(self, nhs_number: str, *, has_scr: bool = False, permission: str = "") -> None:
        """Write the line of somebody the Spine is to know, unless nobody can have this number."""
        if is_valid(nhs_number):
            self.count += 1
            self._lines.writerow((nhs_number, "yes" if has_scr else "no", permission))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            with self._stream as stream:
                if kind is None:
                    stream.flush()
                    os.fsync(stream.fileno())
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)
