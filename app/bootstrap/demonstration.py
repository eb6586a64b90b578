"""The demonstration practice: made-up patients stored as a practice, with a simulated Spine that knows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app.bootstrap.making import practice_in_the_making
from app.bootstrap.place import SIMULATED_STATE_FILE
from app.bootstrap.practice_files import operating_system_account
from app.bootstrap.product import Product, open_product
from app.bootstrap.spine_process import simulated_spine
from app.clock import Clock, SystemClock
from app.config import Settings, default_data_dir, load_settings, read_config_file
from app.domain.errors import Refused
from app.domain.patient import RegistrationStatus
from app.engine.long_work import Progress, nobody_waits, told
from app.engine.practice import EntryRow, GroupRow, ImportSummary, ListSizes, PatientRow
from app.simulator.demo.practice import demonstration_patients
from app.simulator.demo.rows import DemoPatient
from app.simulator.demo.spine_csv import SpineCsvWriter
from app.storage.practice_store import SqlPracticeStore

PRACTICE_NAME = "Demonstration Practice"
ODS_CODE = "Y12345"
SPINE_FILE = "spine.csv"

DEMONSTRATION_CARD = "910000000001"
DEMONSTRATION_PASSCODE = "123456"

USUAL_PATIENTS = 1_000
SEED = 1
STANDARDS = {"REQUESTS_PER_SECOND": "20"}
"""Four times the pace of the real service, so that a whole demonstration takes a minute."""


class _DemonstrationList:
    """The made-up patients as a practice's list; each going-through makes the same ones again."""

    def __init__(self, count: int, seed: int) -> None:
        self.sizes = ListSizes(patients=count)
        self._count = count
        self._seed = seed

    def patients(self) -> Iterator[PatientRow]:
        for made in self._made():
            yield PatientRow(
                patient_ref=made.patient_ref,
                nhs_number=made.nhs_number or None,
                surname=made.surname,
                forename=made.forename,
                date_of_birth=made.date_of_birth,
                sex=made.sex,
                registration=RegistrationStatus(made.registration_status),
                fp69=made.fp69,
                sensitive=made.sensitive,
                pds_linked=made.pds_linked,
                record_in_use=made.record_in_use,
            )

    def entries(self) -> Iterator[EntryRow]:
        for made in self._made():
            for entry in made.entries:
                yield EntryRow(made.patient_ref, made.nhs_number or None, *entry)

    def groups(self) -> Iterator[GroupRow]:
        for made in self._made():
            for group in made.groups:
                yield GroupRow(group, made.patient_ref, made.nhs_number or None)

    def _made(self) -> Iterator[DemoPatient]:
        return demonstration_patients(self._count, self._seed)


def create_demonstration(
    settings: Settings, patients: int, seed: int, clock: Clock | None = None, progress: Progress = nobody_waits
) -> ImportSummary:
    """Store a demonstration practice in the data folder, and beside it what the simulated Spine knows.

    In a file, whatever database is set: an invented practice must never stand where the practice's own is meant to.
    Raises `Refused` when the folder holds a practice already or is a shared one's, and `Cancelled`; then there is no
    practice.
    """
    if "DATABASE_URL" in read_config_file(settings.data_dir):
        raise Refused(
            f"The folder {settings.data_dir} belongs to a practice in a shared database. A demonstration needs a "
            "folder of its own: choose another one."
        )
    clock, settings = clock or SystemClock(), replace(settings, database_url="")
    with practice_in_the_making(settings, clock, name=PRACTICE_NAME, ods_code=ODS_CODE) as database:
        summary = SqlPracticeStore(database).import_list(
            _DemonstrationList(patients, seed),
            update=False,
            actor=operating_system_account(),
            demonstration=True,
            progress=progress,
        )
        with SpineCsvWriter(settings.data_dir / SPINE_FILE) as spine:
            made = demonstration_patients(patients, seed)
            for one in told(made, progress, "Writing what the simulated Spine knows", patients):
                spine.add(one)
    return summary


@contextmanager
def demonstration_product(
    folder: Path,
    patients: int | None,
    *,
    headless: bool = False,
    check: bool = True,
    progress: Progress = nobody_waits,
) -> Iterator[Product]:
    """The demonstration practice in a folder of its own, made where missing, with its simulated Spine running.

    Raises `Refused` when another number of patients is asked for than the folder's demonstration has, what
    `open_product` raises, and `Cancelled`.
    """
    folder = demonstration_folder(folder)
    # In a file, whatever database is set: see `place_of`.
    settings = replace(load_settings(folder), database_url="")
    if not settings.database_file.exists():
        create_demonstration(settings, patients or USUAL_PATIENTS, SEED, progress=progress)
        patients = None
    with practice_with_its_spine(folder, headless=headless, check=check) as product:
        _refuse_another_size(product, patients)
        yield product


def demonstration_folder(folder: Path) -> Path:
    """Where the demonstration belongs: a folder of its own, lest it take the place of the practice's own list."""
    return folder / "demonstration" if folder == default_data_dir() else folder


@contextmanager
def practice_with_its_spine(folder: Path, *, headless: bool = False, check: bool = True) -> Iterator[Product]:
    """The practice of a folder, with a simulated Spine of its own running. Raises as `open_product` does."""
    settings = load_settings(folder, defaults=STANDARDS)
    with simulated_spine(folder / SIMULATED_STATE_FILE, folder / SPINE_FILE, settings.requests_per_second) as spine:
        used = replace(settings, database_url="", spine_url=spine.spine, auth_url=spine.auth)
        with open_product(used, headless=headless, check=check) as product:
            yield product


def _refuse_another_size(product: Product, patients: int | None) -> None:
    if not product.practice.demonstration:
        raise Refused("This folder holds a practice of its own, not the demonstration. Choose another folder.")
    held = product.queries.patient_count()
    if patients is not None and patients != held:
        raise Refused(
            f"This folder has a demonstration practice of {held:,} patients already. "
            "Leave out --patients, or choose another folder with --data-dir."
        )
