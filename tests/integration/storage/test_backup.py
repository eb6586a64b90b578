"""Backups: whole and checked under their final name, or not there at all."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.domain.errors import StorageFault
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.sqlite import backup
from app.storage.tables import audit_event
from tests.helpers.migration import Migration
from tests.helpers.practice import codes_of
from tests.helpers.tampering import without_triggers


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_backup_made_in_the_middle_of_a_run_is_that_moment(migration, database, tmp_path):
    migration.commit(migration.not_required("B", local=migration.conversion("B")))
    copy = database.back_up(tmp_path / "backups")
    migration.commit(migration.not_required("C", local=migration.conversion("C")))
    opened = PracticeDatabase.open(copy, clock=database.clock)
    assert codes_of(opened, "B") == ["9Ndn."]
    assert codes_of(opened, "C") == ["93C2.", "93C3."]
    Migration(opened).begin()
    opened.close()


def test_it_is_named_after_the_instant_and_never_written_over(database, tmp_path, clock):
    folder = tmp_path / "backups"
    first, second = database.back_up(folder), database.back_up(folder)
    clock.advance(1)
    third = database.back_up(folder)
    assert len({first.name, second.name, third.name}) == len(names(folder)) == 3
    assert first.name == "practice-20261102T183000Z.db"
    assert third.name == "practice-20261102T183001Z.db"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights in another way")
def test_it_is_the_users_own(database, tmp_path):
    copy = database.back_up(tmp_path / "backups")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700


def test_seven_automatic_ones_are_kept_and_every_other(database, tmp_path, clock):
    folder = tmp_path / "backups"
    by_hand = database.back_up(folder)
    (folder / "letter.txt").write_text("not ours")
    made = []
    for _ in range(9):
        clock.advance(86_400)
        made.append(database.back_up(folder, automatic=True).name)
    assert names(folder) == sorted([by_hand.name, "letter.txt", *made[-7:]])


@pytest.mark.sqlite_only
def test_a_copy_that_does_not_check_is_not_kept(database, tmp_path, monkeypatch):
    """The one fault that cannot be made from outside: the disk gives back other bytes than were written."""
    copy_to = backup.copy_to

    def copy_badly(source: Path, target: Path, progress: object) -> None:
        copy_to(source, target)
        content = bytearray(target.read_bytes())
        content[4096 * 3 : 4096 * 4] = b"\xa5" * 4096
        target.write_bytes(content)

    monkeypatch.setattr(backup, "copy_to", copy_badly)
    with pytest.raises(StorageFault):
        database.back_up(tmp_path / "backups")
    assert names(tmp_path / "backups") == []


def test_a_trail_that_was_touched_keeps_nobody_from_a_copy(database, tmp_path):
    """Without one no run begins, and the certificate, which tells of the damage, is counted in a copy."""
    without_triggers(database, lambda connection: connection.execute(delete(audit_event)))
    copy = PracticeDatabase.open(database.back_up(tmp_path / "backups"), clock=database.clock)
    assert audit.first_broken(copy) == 1
    copy.close()


def test_a_folder_that_cannot_be_made_is_told(database, tmp_path):
    (tmp_path / "backups").write_text("in the way")
    with pytest.raises(StorageFault, match="folder"):
        database.back_up(tmp_path / "backups")


def test_an_unfinished_one_is_never_taken_for_a_backup(database, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "practice-20261102T183000Z.unfinished").write_bytes(b"half")
    copy = database.back_up(folder)
    assert names(folder) == [copy.name]
    PracticeDatabase.open(copy, clock=database.clock).close()
