"""A rehearsal: a copy of a practice's list, in a folder of its own, with a simulated Spine that knows its patients.

The practice itself is not touched: what is worked against a simulated Spine may never go to the real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.bootstrap.demonstration import SPINE_FILE
from app.bootstrap.making import practice_in_the_making
from app.bootstrap.practice_files import operating_system_account, practice_database
from app.clock import Clock, SystemClock
from app.config import Settings, load_settings
from app.engine.long_work import Progress, nobody_waits, told
from app.engine.practice import EntryRow, GroupRow, ListSizes, PatientRow, PracticeExport, SpineKind
from app.simulator.demo.spine_csv import SpineCsvWriter
from app.storage.practice_store import SqlPracticeStore

_FOLDER = "rehearsal"


class _ListAsItStands:
    """A practice on its way out, taken for a list on its way in (`PracticeList`)."""

    def __init__(self, moment: PracticeExport) -> None:
        self.sizes = ListSizes(patients=moment.patient_count())
        self._moment = moment

    def patients(self) -> Iterator[PatientRow]:
        return self._moment.export_patients()

    def entries(self) -> Iterator[EntryRow]:
        return self._moment.export_entries()

    def groups(self) -> Iterator[GroupRow]:
        return self._moment.export_groups()


def prepare_rehearsal(settings: Settings, clock: Clock | None = None, progress: Progress = nobody_waits) -> Path:
    """Copy the list of a folder's practice into a new folder within it, and return that.

    The simulated Spine is to know every patient with a valid number, with no summary and no consent. Raises what
    opening the practice does, `Refused`, `StorageFault` and `Cancelled`; then there is no copy.
    """
    clock = clock or SystemClock()
    target = _free_folder(settings.data_dir)
    with practice_database(settings, clock) as files, files.store.snapshot(progress) as moment:
        info = files.database.info()
        name = f"Rehearsal of {info.name}" if info.name else "Rehearsal"
        # In a file, whatever database is set: see `place_of`.
        there = replace(load_settings(target), database_url="")
        with practice_in_the_making(there, clock, name=name, ods_code=info.ods_code) as database:
            SqlPracticeStore(database).import_list(
                _ListAsItStands(moment),
                update=False,
                actor=operating_system_account(),
                demonstration=False,
                progress=progress,
            )
            database.mark_spine(SpineKind.SIMULATED, operating_system_account())
            with SpineCsvWriter(target / SPINE_FILE) as spine:
                for patient in told(moment.export_patients(), progress, "Writing what the simulated Spine knows"):
                    spine.add_known(patient.nhs_number or "")
    return target


def _free_folder(folder: Path) -> Path:
    """The first of rehearsal, rehearsal-2, ... in which there is no practice yet."""
    number, candidate = 1, folder / _FOLDER
    while load_settings(candidate).database_file.exists():
        number += 1
        candidate = folder / f"{_FOLDER}-{number}"
    return candidate
