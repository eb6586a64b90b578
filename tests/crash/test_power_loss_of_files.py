"""The power fails while the practice's files are made, copied or put back: each is whole, or not there.

As in the suite of the run, on traced commands.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.clock import SystemClock
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.tables import patient
from tests.helpers.crowd import CONSENT_FILE, PATIENTS_FILE, write_crowd
from tests.helpers.judge import all_rows
from tests.helpers.power import Disk, Told, events_of, lay_out, traced
from tests.helpers.program import Program
from tests.helpers.soak import dice, size

pytestmark = pytest.mark.sqlite_only
"""The files that a practice is made of."""

FIRST, LATER = 120, 150
KEPT = (0.0, 0.5, 1.0)

Judge = Callable[[Path, bool], None]
"""Looks at an image; the second argument says whether the command had told that it was done."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A program with a practice of the later size, and a backup of it from when it had the first."""

    program: Program
    lists: Path


def lists_of(folder: Path, patients: int) -> tuple[str | Path, ...]:
    """A list of so many patients, as the arguments of an import."""
    write_crowd(folder, patients)
    return ("practice", "import", "--patients", folder / PATIENTS_FILE, "--consent", folder / CONSENT_FILE)


def patients_in(path: Path) -> int:
    """How many patients a database holds, checked in every page and in its audit trail as it is opened."""
    database = PracticeDatabase.open(path, clock=SystemClock())
    try:
        assert audit.first_broken(database) is None
        return int(all_rows(database, select(func.count()).select_from(patient))[0][0])
    finally:
        database.close()


def power_fails_everywhere(program: Program, tracer: str, told: str, judge: Judge, *command: str | Path) -> None:
    """Trace the command, then let the power fail at its system calls, for each share of writes kept.

    At each of them in a soak; with every commit at one in three, others each time, and where something was told.
    """
    program.folder.mkdir(exist_ok=True)
    folder = program.folder.parent
    before = {kept: Disk(program.folder) for kept in KEPT}
    traced(tracer, program.command(*command), program.environment(), program.folder, folder / "trace.txt")
    events = events_of(folder / "trace.txt", program.folder)
    chance, done, images = dice("power loss"), False, 0
    for event in events:
        done = done or (isinstance(event, Told) and told.encode() in event.data)
        for kept, disk in before.items():
            disk.happen(event)
            if chance.randrange(size(3, 1)) == 0 or isinstance(event, Told):
                judge_one(disk, kept, chance, program.folder, folder / "image", judge, done)
                images += 1
    sys.stdout.write(f"{images} images\n")
    assert done


def judge_one(
    disk: Disk, kept: float, chance: random.Random, original: Path, image: Path, judge: Judge, done: bool
) -> None:
    lay_out(disk.after_power_loss(kept, chance), original, image, chance)
    judge(image, done)
    shutil.rmtree(image)


@pytest.mark.fault_row(7)
def test_an_import_is_there_whole_or_not_at_all(tmp_path: Path, tracer: str):
    def judge(image: Path, done: bool) -> None:
        path = image / "practice.db"
        assert (patients_in(path) if path.exists() else 0) in ({FIRST} if done else {0, FIRST})

    command = lists_of(tmp_path / "lists", FIRST)
    power_fails_everywhere(Program(tmp_path / "practice"), tracer, "Stored ", judge, *command)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path / "practice")
    assert program(*lists_of(tmp_path / "first", FIRST)).code == 0
    return program


@pytest.mark.fault_row(7)
def test_a_backup_under_its_final_name_is_whole(tmp_path: Path, tracer: str, program: Program):
    def judge(image: Path, done: bool) -> None:
        copies = list((image / "backups").glob("*.db"))
        assert [patients_in(copy) for copy in copies] == [FIRST] * len(copies)
        assert len(copies) == 1 or not done
        assert patients_in(image / "practice.db") == FIRST

    power_fails_everywhere(program, tracer, "The copy was checked", judge, "backup")


@pytest.mark.fault_row(7, 47)
def test_a_restore_loses_neither_what_was_there_nor_the_backup(tmp_path: Path, tracer: str, program: Program):
    backup = Path(program("backup").out.strip())
    assert program(*lists_of(tmp_path / "later", LATER), "--update").code == 0

    def judge(image: Path, done: bool) -> None:
        held = {path.name: patients_in(path) for path in image.glob("practice*.db")}
        in_place = held.pop("practice.db", None)
        assert LATER in {in_place, *held.values()}, "what was there before is kept"
        assert in_place == FIRST if done else in_place in {FIRST, LATER, None}
        assert patients_in(image / "backups" / backup.name) == FIRST

    power_fails_everywhere(program, tracer, "now stands", judge, "restore", backup)
