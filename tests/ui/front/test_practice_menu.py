"""The menu Practice over an open practice: export with its question, backup, newer list, connection, log."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from app.bootstrap import look_at_list, practice_database
from app.config import load_settings
from app.ui.front.connection_sheet import ALL_GOOD, ConnectionSheet
from app.ui.front.import_sheet import ImportSheet
from app.ui.front.practice_menu import TITLE as PRACTICE
from app.ui.simulation_menu import TITLE as SIMULATION
from tests.helpers.list_files import CONSENT, NEW_PATIENT, PATIENTS, written
from tests.helpers.simulator import running_simulator
from tests.ui.front.conftest import Desk

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
OK = QMessageBox.StandardButton.Ok


@pytest.fixture
def desk(start, demo: Path) -> Desk:
    """The program with the demonstration open."""
    opened = start(demo)
    opened.until_open(demo)
    return opened


def events(folder: Path, action: str) -> list[str]:
    with practice_database(load_settings(folder, environment={})) as files, files.database.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT actor FROM audit_event WHERE action = '{action}'")
        return [actor for (actor,) in rows]


def menu(desk: Desk):
    return desk.program.practice.front.menu


def test_every_entry_has_its_letter_and_the_menus_their_order(desk: Desk):
    bar = desk.program.practice.screen.window.menuBar()
    titles = [entry.text() for entry in bar.actions()]
    assert [title.replace("&", "") for title in titles] == [
        "Consent Migration",
        "Patients",
        "Reports",
        "History and audit",
        "Practice",
        "Simulation",
        "Help",
    ]
    assert {PRACTICE, SIMULATION} < set(titles), "as the walk through every state takes them to be"
    letters = [entry.text().split("&")[1][0].lower() for entry in menu(desk).actions() if entry.text()]
    assert len(letters) == len(set(letters)) == 8


def test_nobody_takes_the_list_out_without_signing_in(desk: Desk, tmp_path: Path):
    menu(desk).export.trigger()
    assert "Nobody is signed in" in desk.answer(OK)
    assert desk.program.practice.front.export.question is None


def test_an_export_is_asked_about_done_and_kept_in_the_audit_trail(desk: Desk, demo: Path, tmp_path: Path):
    desk.hands().signed_in()
    menu(desk).export.trigger()
    assert "The files name patients" in desk.answer(NO)
    assert desk.program.practice.front.export.chooser is None
    menu(desk).export.trigger()
    desk.answer(YES)
    chooser = desk.program.practice.front.export.chooser
    desk.until(chooser.isVisible)
    chooser.reject()
    desk.program.practice.front.export.export_to(str(tmp_path / "out"))
    told = desk.answer(OK)
    assert told.startswith("Wrote 60 patients")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "consent.csv",
        "groups.csv",
        "outcomes.csv",
        "patients.csv",
    ]
    assert events(demo, "list_exported") == ["Alison Marsh"]


def test_a_folder_that_cannot_be_written_is_told(desk: Desk, tmp_path: Path):
    desk.hands().signed_in()
    (tmp_path / "file").touch()
    menu(desk).export.trigger()
    desk.answer(YES)
    desk.until(desk.program.practice.front.export.chooser.isVisible)
    desk.program.practice.front.export.chooser.reject()
    desk.program.practice.front.export.export_to(str(tmp_path / "file"))
    assert "could not be written" in desk.answer(OK)


def test_a_backup_is_made_and_told(desk: Desk, demo: Path):
    menu(desk).back_up.trigger()
    told = desk.answer(OK)
    [copy] = (demo / "backups").iterdir()
    assert copy.name in told
    assert "It names patients" in told


def test_the_connection_is_tested_with_the_spine_that_is_worked_with(desk: Desk):
    menu(desk).connection.trigger()
    sheet = desk.until_sheet(ConnectionSheet)
    desk.until(lambda: sheet.verdict.text() == ALL_GOOD)
    assert "A simulated Spine answers" in sheet.remarks[0]
    desk.key(Qt.Key.Key_Escape)
    desk.until(lambda: QApplication.activeModalWidget() is None)


def test_the_log_is_shown_beside_the_window(desk: Desk, demo: Path):
    menu(desk).log.trigger()
    log = desk.program.practice.front.front.log
    desk.until(log.isVisible)
    assert log.windowTitle() == "Log"
    desk.program.end()
    desk.ended()


def test_a_demonstration_takes_no_list_of_its_own(desk: Desk, tmp_path: Path):
    menu(desk).newer_list.trigger()
    sheet = desk.until_sheet(ImportSheet)
    files = written(tmp_path / "lists")
    sheet.files.patients.set_path(files.patients)
    desk.press(sheet.look_button)
    desk.until(sheet.files.message.isVisible)
    assert "This is a demonstration practice" in sheet.files.message.words
    sheet.dismiss()


def test_an_own_list_is_brought_up_to_date_and_the_window_shows_it(start, tmp_path: Path):
    folder = tmp_path / "own"
    files = written(tmp_path / "lists")
    look_at_list(load_settings(folder, environment={}), files, update=False).bring_in()
    with running_simulator("--rate", "0") as spine:
        (folder / "config.toml").write_text(f'spine_url = "{spine.spine}"\n', encoding="utf-8")
        desk = start(folder)
        desk.until_open(folder)
        product = desk.program.practice.opened.product
        assert product.queries.patient_count() == 3
        menu(desk).newer_list.trigger()
        sheet = desk.until_sheet(ImportSheet)
        newer = written(tmp_path / "newer", [*PATIENTS, NEW_PATIENT], CONSENT)
        sheet.files.patients.set_path(newer.patients)
        desk.press(sheet.look_button)
        desk.until(sheet.import_button.isVisible)
        desk.press(sheet.import_button)
        desk.until(sheet.done_button.isVisible)
        desk.press(sheet.done_button)
        desk.until(lambda: QApplication.activeModalWidget() is None)
        assert product.queries.patient_count() == 4
        assert [path.name.split("-")[1] for path in (folder / "backups").iterdir()] == ["auto"]
        desk.program.end()
        assert desk.ended() == 0
