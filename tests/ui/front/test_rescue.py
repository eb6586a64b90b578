"""A database that is damaged, foreign or newer: told in words, never worked with, its newest whole backup offered."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite
from PySide6.QtWidgets import QMessageBox

from app.bootstrap import practice_database
from app.config import load_settings
from app.desktop import checking
from app.domain.actions import Action
from app.storage import audit
from app.storage.schema import CURRENT
from tests.helpers.practice import damage_page_of

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
OK = QMessageBox.StandardButton.Ok


@pytest.fixture
def backup(demo: Path) -> Path:
    """A whole backup of the demonstration."""
    with practice_database(load_settings(demo, environment={})) as files:
        return files.database.back_up(files.database.backups)


def restored_events(folder: Path) -> int:
    with practice_database(load_settings(folder, environment={})) as files:
        assert audit.first_broken(files.database) is None
        with files.database.reading() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM audit_event WHERE action = 'restored'").scalar()


@pytest.mark.sqlite_only
@pytest.mark.fault_row(27)
def test_damage_found_after_the_window_shows_closes_the_practice_and_offers_the_backup(start, demo, backup):
    damage_page_of(demo / "practice.db", "patient")
    damaged = (demo / "practice.db").read_bytes()
    desk = start(demo)
    page = desk.until_welcome()
    assert "The practice database is damaged" in page.trouble.words
    desk.until(page.restore_button.isVisible)
    assert "There is a backup of " in page.trouble.words
    assert (demo / "practice.db").read_bytes() == damaged, "nothing was written into it"
    desk.until(page.restore_button.isEnabled)
    desk.press(page.restore_button)
    assert "Do you want to go back to the backup of " in desk.answer(NO)
    assert (demo / "practice.db").read_bytes() == damaged
    desk.press(page.restore_button)
    desk.answer(YES)
    told = desk.answer(OK)
    assert "The practice stands as in the backup again." in told
    assert "What was there before is kept as practice-replaced-" in told
    screen = desk.until_open(demo)
    assert screen.window.middle.choose.buttons[Action.RUN].isEnabled()
    desk.program.end()
    desk.ended()
    assert restored_events(demo) == 1
    [kept] = demo.glob("practice-replaced-*.db")
    assert kept.read_bytes() == damaged


@pytest.mark.fault_row(27)
def test_the_actions_wait_for_the_check(start, demo, monkeypatch):
    seen = []
    show = checking.CheckedOperator.open_door

    def watched(self) -> None:
        choose = desk.program.practice.screen.window.middle.choose
        seen.append(([button.isEnabled() for button in choose.buttons.values()], choose.history.words))
        show(self)

    monkeypatch.setattr(checking.CheckedOperator, "open_door", watched)
    desk = start(demo)
    screen = desk.until_open(demo)
    [(enabled, words)] = seen
    assert enabled == [False] * 4
    assert checking.CHECKING in words
    assert screen.window.middle.choose.buttons[Action.RUN].isEnabled()


@pytest.mark.sqlite_only
@pytest.mark.fault_row(27)
@pytest.mark.parametrize("content", [b"", b"surname,forename\nA,B\n" * 400], ids=["empty", "text"])
def test_a_file_that_is_no_database_is_told_and_its_backup_offered(start, demo, backup, content):
    (demo / "practice.db").write_bytes(content)
    desk = start(demo)
    page = desk.until_welcome()
    assert "not a practice database" in page.trouble.words or "another program" in page.trouble.words
    desk.until(page.restore_button.isVisible)


@pytest.mark.sqlite_only
@pytest.mark.fault_row(27)
def test_with_no_whole_backup_none_is_offered(start, demo, backup):
    damage_page_of(demo / "practice.db", "patient")
    backup.write_bytes(b"nothing")
    desk = start(demo)
    page = desk.until_welcome()
    desk.until(lambda: "Looking for a backup" not in page.trouble.words)
    assert not page.restore_button.isVisible()
    assert page.retry_button.isVisible()
    assert "damaged" in page.trouble.words


@pytest.mark.sqlite_only
def test_a_practice_whose_file_is_gone_is_offered_its_backup(start, demo, backup):
    for name in ("practice.db", "practice.db-wal", "practice.db-shm"):
        (demo / name).unlink(missing_ok=True)
    desk = start(demo)
    page = desk.until_welcome()
    assert "There is no practice in the folder" in page.trouble.words
    desk.until(page.restore_button.isVisible)
    desk.press(page.restore_button)
    desk.answer(YES)
    desk.answer(OK)
    desk.until_open(demo)


@pytest.mark.sqlite_only
@pytest.mark.fault_row(28)
def test_a_newer_database_is_refused_with_both_versions_and_left_alone(start, demo, backup):
    with closing(sqlite.connect(str(demo / "practice.db"), isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {CURRENT.number + 3}")
    before = (demo / "practice.db").read_bytes()
    desk = start(demo)
    page = desk.until_welcome()
    assert f"schema {CURRENT.number + 3}" in page.trouble.words
    assert f"knows schema {CURRENT.number}" in page.trouble.words
    assert not page.restore_button.isVisible()
    assert (demo / "practice.db").read_bytes() == before


@pytest.mark.sqlite_only
@pytest.mark.fault_row(28)
def test_another_programs_database_is_told(start, demo):
    with closing(sqlite.connect(str(demo / "practice.db"), isolation_level=None)) as connection:
        connection.execute("PRAGMA application_id = 42")
    desk = start(demo)
    assert "belongs to another program" in desk.until_welcome().trouble.words


@pytest.mark.sqlite_only
@pytest.mark.fault_row(26)
def test_a_read_only_practice_is_told(start, demo, monkeypatch):
    """As root everything may be written: the system's answer is the one thing that cannot be made here."""
    monkeypatch.setattr("os.access", lambda *_: False)
    desk = start(demo)
    page = desk.until_welcome()
    assert "read-only" in page.trouble.words
    monkeypatch.undo()
    desk.press(page.retry_button)
    desk.until_open(demo)
