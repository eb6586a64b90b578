"""Going back to a backup: nothing it does not know is assumed (faults, row 47)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import DatabaseUnusable, Refused
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.practice import SpineKind
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from app.storage.practice_store import SqlPracticeStore
from app.storage.run_queries import SqlRunQueries
from app.storage.sqlite.restore import restore_backup
from tests.helpers.migration import FAMILY, SETTLE, Migration
from tests.helpers.practice import ListOf, a_patient, codes_of, number

pytestmark = pytest.mark.sqlite_only


def reopened(database: PracticeDatabase, copy: Path) -> PracticeDatabase:
    target = database.path
    database.close()
    restore_backup(copy, target, clock=database.clock, actor="the account")
    return PracticeDatabase.open(target, clock=database.clock)


def test_the_practice_stands_as_in_the_backup_and_what_was_there_is_kept(migration, database, tmp_path):
    copy = database.back_up(tmp_path / "backups")
    migration.commit(migration.not_required("B", local=migration.conversion("B")))
    target = database.path
    database.close()
    restored = restore_backup(copy, target, clock=database.clock, actor="the account")
    now = PracticeDatabase.open(target, clock=database.clock)
    assert codes_of(now, "B") == ["93C2."]
    now.close()
    kept = PracticeDatabase.open(restored.set_aside, clock=database.clock)
    assert codes_of(kept, "B") == ["9Ndn."]
    kept.close()


@pytest.mark.fault_row(47)
def test_messages_the_backup_shows_unsettled_are_read_back_even_those_never_sent(migration, database, tmp_path, clock):
    migration.commit(migration.prepare("A", "request-a"), migration.prepare("C", "request-c", send_as="attempt-c"))
    copy = database.back_up(tmp_path / "backups")
    now = reopened(database, copy)
    again = Migration(now)
    again.run_id = migration.run_id
    assert {row.state for row in again.rows("intent")} == {IntentState.UNKNOWN}
    assert all(row.ended_at is not None for row in again.rows("attempt"))
    again.take_up()
    a, c = again.work("A"), again.work("C")
    assert a.intent.state is c.intent.state is IntentState.UNKNOWN
    # It may have been sent until the restore, so it is read back no sooner than the settle time after it.
    assert a.intent.last_started_at == clock.now()
    clock.advance(SETTLE / timedelta(seconds=1))
    assert set(again.due()) == {"A", "C"}
    now.close()


@pytest.mark.fault_row(47)
def test_the_run_is_found_interrupted_under_a_new_epoch(migration, database, tmp_path):
    copy = database.back_up(tmp_path / "backups")
    before = migration.key.epoch
    now = reopened(database, copy)
    assert SqlMigrationStore(now).recover(FAMILY, database.clock.now())
    view = SqlRunQueries(now).latest_run(FAMILY)
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.INTERRUPTED)
    again = Migration(now)
    again.run_id = migration.run_id
    assert again.take_up().key.epoch > before + 1
    now.close()


def test_the_audit_trail_goes_on_unbroken(migration, database, tmp_path):
    migration.commit(migration.not_required("B", local=migration.conversion("B")))
    copy = database.back_up(tmp_path / "backups")
    now = reopened(database, copy)
    assert audit.first_broken(now) is None
    assert Migration(now).rows("audit_event")[-1].action == audit.AuditAction.RESTORED
    now.close()


def test_a_damaged_practice_can_be_restored(migration, database, tmp_path):
    copy = database.back_up(tmp_path / "backups")
    target = database.path
    database.close()
    target.write_bytes(b"\x00" * 5000)
    restored = restore_backup(copy, target, clock=database.clock, actor="the account")
    assert restored.set_aside.read_bytes() == b"\x00" * 5000
    PracticeDatabase.open(target, clock=database.clock).close()


def test_a_practice_that_is_gone_can_be_restored(database, tmp_path):
    copy = database.back_up(tmp_path / "backups")
    database.close()
    elsewhere = tmp_path / "new" / "practice.db"
    restored = restore_backup(copy, elsewhere, clock=database.clock, actor="the account")
    assert restored.set_aside is None
    PracticeDatabase.open(elsewhere, clock=database.clock).close()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 4000])
def test_a_file_that_is_no_backup_changes_nothing(database, tmp_path, content):
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(content)
    with pytest.raises(DatabaseUnusable):
        restore_backup(wrong, database.path, clock=database.clock, actor="the account")
    assert codes_of(database, "B") == ["93C2."]
    assert not list(database.path.parent.glob("*.restoring*"))


def test_a_backup_that_is_not_there_is_said(database, tmp_path):
    with pytest.raises(DatabaseUnusable, match="no backup"):
        restore_backup(tmp_path / "none.db", database.path, clock=database.clock, actor="the account")


@pytest.mark.parametrize(
    ("held", "backup", "refused"),
    [
        (("High Street", "A81001"), ("Mill Road", "B82002"), True),
        (("High Street", "A81001"), ("High Street Surgery", "a81001"), False),
        (("High Street", ""), ("Mill Road", "B82002"), True),
        (("", "A81001"), ("Mill Road", ""), False),
        (("", ""), ("Mill Road", "B82002"), False),
    ],
)
def test_another_practices_backup_never_takes_the_place_of_this_one(clock, tmp_path, held, backup, refused):
    """Chosen by mistake, it would have every patient of this practice gone, and another's dissents sent from here."""
    made = {}
    for which, (name, code) in (("held", held), ("backup", backup)):
        path = tmp_path / which / "practice.db"
        made[which] = path
        database = PracticeDatabase.create(path, clock=clock, name=name, ods_code=code)
        copy = database.back_up(tmp_path / which / "backups")
        database.close()
    if not refused:
        restore_backup(copy, made["held"], clock=clock, actor="the account")
        return
    before = made["held"].read_bytes()
    with pytest.raises(Refused, match="another practice"):
        restore_backup(copy, made["held"], clock=clock, actor="the account")
    assert made["held"].read_bytes() == before
    made["held"].unlink()
    restore_backup(copy, made["held"], clock=clock, actor="the account")


def test_a_demonstrations_backup_never_takes_the_place_of_a_practice(clock, tmp_path):
    store = {}
    for which, demonstration in (("demonstration", True), ("practice", False)):
        database = PracticeDatabase.create(tmp_path / which / "practice.db", clock=clock)
        SqlPracticeStore(database).import_list(
            ListOf([a_patient("A", number(0))]), update=False, actor="tester", demonstration=demonstration
        )
        store[which] = database.back_up(tmp_path / which / "backups")
        database.close()
    with pytest.raises(Refused, match="another practice"):
        restore_backup(store["demonstration"], tmp_path / "practice" / "practice.db", clock=clock, actor="the account")


def test_a_rehearsals_backup_never_takes_the_place_of_a_real_practice(database, tmp_path):
    database.mark_spine(SpineKind.SIMULATED, "the account")
    copy = database.back_up(tmp_path / "backups")
    real = PracticeDatabase.create(tmp_path / "real" / "practice.db", clock=database.clock)
    real.mark_spine(SpineKind.REAL, "the account")
    path = real.path
    real.close()
    with pytest.raises(Refused, match="other kind"):
        restore_backup(copy, path, clock=database.clock, actor="the account")
    still = PracticeDatabase.open(path, clock=database.clock)
    assert still.info().spine is SpineKind.REAL
    still.close()
