"""The disk fails under the real program: it says so in words, sends nothing more, and goes on where it was.

Faults, rows 25 to 28 and section 4, "Disk". What cannot be made from outside is laid on the program as a hindrance. The
disk of a server is in `test_server_faults`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlite

from app.storage.schema import CURRENT
from tests.helpers.hindered import free_bytes, full_at_pages, hindered, opened_read_only, read_only_after
from tests.helpers.judge import check_invariants
from tests.helpers.practice import damage_page_of
from tests.helpers.program import Finished, Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.helpers.undisturbed import Undisturbed

SLOW_ENOUGH = {"SCR_BULK_REQUESTS_PER_SECOND": "60"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A practice with nobody migrated yet, and its Spine."""

    program: Program
    spine: SimulatorProcess
    undisturbed: Undisturbed

    @property
    def database(self) -> Path:
        return self.program.folder / "practice.db"

    def press(self, action: str, hindrance: str, value: Any) -> Finished:
        """Press under a hindrance."""
        command = hindered(self.program, {hindrance: value}, *self.program.pressing(action))
        return ended(started(self.program, action, command=command))

    def goes_on_to_its_end(self) -> None:
        """With the trouble over, Resume finishes the run, and everybody is where they belong."""
        resumed = self.program.press("resume", environment={"SCR_BULK_SETTLE_SECONDS": "1"})
        assert resumed.code == 0, resumed.err
        self.undisturbed.check_ended_alike(self.program, self.spine)


@pytest.fixture
def stage(tmp_path: Path, undisturbed: Undisturbed) -> Iterator[Stage]:
    program = undisturbed.another(tmp_path)
    with running_simulator("--rate", "0", load=undisturbed.spine_file) as spine:
        program.spine = spine
        yield Stage(program, spine, undisturbed)


def told_in_words(done: Finished, code: int, *words: str) -> None:
    """The reason is told to whoever sits there, and no traceback."""
    assert done.code == code, done.err
    for word in words:
        assert word in done.err
    assert "Traceback" not in done.err + done.out
    assert "unexpected" not in done.err


def pages_of(path: Path) -> int:
    with closing(sqlite.connect(str(path))) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


# --- in the middle of a run ------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
@pytest.mark.fault_row(25)
@pytest.mark.parametrize("more_pages", [3, 12, 25])
def test_the_disk_is_full_in_mid_run(stage: Stage, more_pages: int):
    stopped = stage.press("run", full_at_pages.__name__, pages_of(stage.database) + more_pages)
    if "run" in stopped.out and stopped.result["run"] is None:
        told_in_words(stopped, 4, "is full")
        assert stage.program.press("run").code == 0
        return
    told_in_words(stopped, 3, "Paused. The disk with the practice database is full. Free some space")
    assert (stopped.result["status"], stopped.result["reason"]) == ("paused", "database")
    check_invariants(stage.program, stage.spine)
    stage.goes_on_to_its_end()


@pytest.mark.sqlite_only
@pytest.mark.fault_row(26)
@pytest.mark.parametrize("commits", [6, 15])
def test_the_database_may_not_be_written_any_more_in_mid_run(stage: Stage, commits: int):
    stopped = stage.press("run", read_only_after.__name__, commits)
    told_in_words(stopped, 3, "Paused. The practice database may not be written")
    assert (stopped.result["status"], stopped.result["reason"]) == ("paused", "database")
    stage.goes_on_to_its_end()


@pytest.mark.sqlite_only
@pytest.mark.fault_row(26)
@pytest.mark.parametrize("lost", ["practice.db", "."])
def test_the_database_is_gone_in_mid_run_and_comes_back(stage: Stage, lost: str):
    """Its file was moved, or the whole drive was pulled out."""
    run = started(stage.program, "run", SLOW_ENOUGH)
    wait_until(lambda: len(stage.spine.writes()) > 10, run)
    gone, kept = stage.program.folder / lost, stage.program.folder.parent / "kept"
    gone.rename(kept)
    stopped = ended(run)
    told_in_words(stopped, 3, "Paused. The practice database's file was moved, replaced or deleted")
    sent = len(stage.spine.writes())
    refused = stage.program.press("resume")
    assert refused.code == 4
    assert "no practice" in refused.err
    assert len(stage.spine.writes()) == sent
    if gone.exists():
        shutil.rmtree(gone)
    kept.rename(gone)
    stage.goes_on_to_its_end()


@pytest.mark.fault_row(25)
def test_with_too_little_room_nothing_is_started(stage: Stage):
    refused = stage.press("run", free_bytes.__name__, 199 * 1024 * 1024)
    told_in_words(refused, 4, "Free at least 200 MB")
    assert refused.result["status"] == "refused"
    assert stage.program("status").code == 4, "no run was made"
    assert not stage.spine.writes()


# --- found at the start ----------------------------------------------------------------------------------------------


def refused_before_anything(stage: Stage, action: str, *words: str) -> None:
    """Refused in words, before anybody has signed in and anything was asked of the Spine."""
    before = len(stage.spine.history())
    told_in_words(stage.program.press(action), 4, *words)
    assert len(stage.spine.history()) == before


@pytest.mark.sqlite_only
@pytest.mark.fault_row(27)
def test_a_damaged_database_is_found_before_anything_is_done_and_its_backup_is_named(stage: Stage):
    copy = Path(stage.program("backup").out.strip())
    damage_page_of(stage.database, "patient")
    refused_before_anything(stage, "run", "damaged", "restore the latest backup", f"restore {copy}")
    assert stage.program("restore", copy).code == 0
    assert stage.program.press("run").code == 0
    check_invariants(stage.program, stage.spine)


@pytest.mark.sqlite_only
@pytest.mark.fault_row(27)
def test_a_damaged_database_without_a_backup_says_so(stage: Stage):
    damage_page_of(stage.database, "item")
    refused_before_anything(stage, "run", "damaged", "No whole backup was found")


@pytest.mark.sqlite_only
@pytest.mark.fault_row(27)
@pytest.mark.parametrize("content", [b"", b"surname,forename\r\n" * 500, b"SQLite format 3\0" + b"\xff" * 9_000])
def test_a_file_that_is_no_database_is_not_worked_with(stage: Stage, content: bytes):
    stage.database.write_bytes(content)
    refused_before_anything(stage, "run", "not a practice database", "No whole backup was found")
    assert stage.database.read_bytes() == content


@pytest.mark.sqlite_only
@pytest.mark.fault_row(26)
def test_a_database_that_can_only_be_read_is_refused_before_anybody_signs_in(stage: Stage):
    told_in_words(stage.press("run", opened_read_only.__name__, None), 4, "may not be written", "read-only")
    assert not stage.spine.history()


@pytest.mark.sqlite_only
@pytest.mark.fault_row(28)
@pytest.mark.parametrize(
    ("pragma", "words"),
    [
        (f"user_version = {CURRENT.number + 5}", (f"schema {CURRENT.number + 5}", f"schema {CURRENT.number}")),
        ("application_id = 42", ("another program",)),
    ],
)
def test_another_programs_or_a_newer_ones_database_is_left_alone(stage: Stage, pragma: str, words: tuple[str, ...]):
    with closing(sqlite.connect(str(stage.database), isolation_level=None)) as connection:
        connection.execute(f"PRAGMA {pragma}")
    before = stage.database.read_bytes()
    refused_before_anything(stage, "run", *words)
    assert stage.database.read_bytes() == before
