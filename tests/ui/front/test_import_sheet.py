"""Importing a list from the window, over real files and a real database: preview, faults, update, Cancel, keyboard."""

from __future__ import annotations

import csv
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.bootstrap import practice_database
from app.config import load_settings
from app.desktop.front_ports import folder_port
from app.engine.long_work import Progress
from app.ui.front.import_sheet import ImportSheet
from app.ui.front.ports import FolderPort
from app.ui.tones import Tone
from tests.helpers.list_files import BAD_PATIENT, CONSENT, NEW_PATIENT, PATIENTS, written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "practice"


@pytest.fixture
def opened(qtbot: QtBot, folder: Path):
    host = QWidget()
    qtbot.addWidget(host)
    host.show()

    def open_one(*, update: bool = False, port_of=folder_port) -> ImportSheet:
        sheet = ImportSheet(port_of, folder, host, update=update)
        sheet.open()
        qtbot.waitUntil(sheet.isVisible)
        return sheet

    return open_one


def choose(sheet: ImportSheet, files) -> None:
    sheet.files.patients.set_path(files.patients)
    sheet.files.consent.set_path(files.consent)
    sheet.files.groups.set_path(files.groups)


def press(qtbot: QtBot, button) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def looked_at(sheet: ImportSheet, qtbot: QtBot, files) -> None:
    choose(sheet, files)
    press(qtbot, sheet.look_button)
    qtbot.waitUntil(sheet.preview.isVisible)


def held(folder: Path) -> int:
    with practice_database(load_settings(folder, environment={})) as files:
        return files.store.patient_count()


def test_a_list_is_looked_at_then_stored_and_the_practice_opened(opened, qtbot: QtBot, folder: Path, tmp_path: Path):
    sheet = opened()
    qtbot.keyClicks(sheet.files.name, "The Surgery")
    qtbot.keyClicks(sheet.files.code, "a12345")
    looked_at(sheet, qtbot, written(tmp_path / "lists"))
    assert not folder.exists(), "nothing is stored by looking"
    assert sheet.preview.figures == [
        "3 patients",
        "2 of them are active and would be scanned",
        "3 consent entries",
        "2 of them are dissents",
        "1 place in a patient group",
    ]
    assert "One line is worth a look" in sheet.preview.headline.words
    [warning] = sheet.preview.findings.texts()
    assert warning[:3] == ("patients.csv", "3", "nhs_number")
    assert "There is no NHS number" in warning[3]
    press(qtbot, sheet.import_button)
    qtbot.waitUntil(sheet.done_button.isVisible)
    assert "The practice is made: 3 patients with 3 consent entries." in sheet.preview.headline.words
    with qtbot.waitSignal(sheet.imported) as told:
        press(qtbot, sheet.done_button)
    assert told.args == [folder]
    assert not sheet.isVisible()
    with practice_database(load_settings(folder, environment={})) as files:
        info = files.database.info()
    assert (info.name, info.ods_code) == ("The Surgery", "A12345")


def test_the_same_with_the_keyboard_alone(opened, qtbot: QtBot, folder: Path, tmp_path: Path):
    files = written(tmp_path / "lists")
    sheet = opened()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is sheet.files.patients.line)
    qtbot.keyClicks(QApplication.focusWidget(), str(files.patients))
    assert sheet.files.consent.path == files.consent, "the files beside it are found"
    assert sheet.files.groups.path == files.groups
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is sheet.import_button)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is sheet.done_button)
    with qtbot.waitSignal(sheet.imported):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert held(folder) == 3


def test_every_fault_stands_in_the_table_and_nothing_can_be_stored(opened, qtbot: QtBot, folder: Path, tmp_path: Path):
    sheet = opened()
    looked_at(sheet, qtbot, written(tmp_path / "lists", [*PATIENTS, BAD_PATIENT], [*CONSENT, "Z,,93C3.,,2015-06-01,,"]))
    assert "cannot be imported: it has 5 faults" in sheet.preview.headline.words
    rows = sheet.preview.findings.texts()
    assert [row[:3] for row in rows] == [
        ("patients.csv", "5", "nhs_number"),
        ("patients.csv", "5", "surname"),
        ("patients.csv", "5", "date_of_birth"),
        ("patients.csv", "5", "record_in_use"),
        ("consent.csv", "5", "patient_ref"),
    ]
    assert all(row[3].endswith(".") for row in rows)
    assert not sheet.import_button.isEnabled()
    assert "Put the faults right first" in sheet.import_button.toolTip()
    table = sheet.preview.findings
    assert table.reason.text().startswith("patients.csv, line 5, nhs_number: ")
    table.table.setFocus()
    qtbot.keyClick(table.table, Qt.Key.Key_Down)
    assert table.reason.text().startswith("patients.csv, line 5, surname: ")
    table.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert [row[2] for row in table.texts()] == sorted(row[2] for row in rows)
    press(qtbot, sheet.again_button)
    assert sheet.files.isVisible()
    assert sheet.files.patients.path is not None, "what was chosen stays"
    assert not folder.exists()


def test_the_remarks_can_be_saved_for_whoever_puts_them_right(opened, qtbot: QtBot, tmp_path: Path):
    sheet = opened()
    looked_at(sheet, qtbot, written(tmp_path / "lists", [*PATIENTS, BAD_PATIENT]))
    press(qtbot, sheet.save_button)
    assert isinstance(sheet._chooser, QFileDialog)
    assert sheet._chooser.isVisible()
    sheet._chooser.reject()
    sheet.save_to(str(tmp_path / "remarks.csv"))
    with (tmp_path / "remarks.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["file", "line", "column", "reason"]
    assert [tuple(row) for row in rows[1:]] == sheet.preview.findings.texts()
    sheet.save_to(str(tmp_path / "no such folder" / "remarks.csv"))
    assert "could not be written" in sheet.preview.note.words


def test_what_is_missing_is_said_before_anything_is_read(opened, qtbot: QtBot, tmp_path: Path, folder: Path):
    sheet = opened()
    press(qtbot, sheet.look_button)
    assert "Choose the patients file and the consent file" in sheet.files.message.words
    choose(sheet, written(tmp_path / "lists"))
    assert not sheet.files.message.isVisible()
    qtbot.keyClicks(sheet.files.code, "A 1")
    press(qtbot, sheet.look_button)
    assert "An ODS code has" in sheet.files.message.words
    sheet.files.code.clear()
    sheet.files.folder.set_path(None)
    press(qtbot, sheet.look_button)
    assert "Choose the folder" in sheet.files.message.words
    folder.mkdir()
    (folder / "practice.db").touch()
    sheet.files.folder.set_path(folder)
    press(qtbot, sheet.look_button)
    assert "holds a practice already" in sheet.files.message.words


def test_a_file_that_cannot_be_read_is_told_where_it_was_chosen(opened, qtbot: QtBot, tmp_path: Path):
    sheet = opened()
    files = written(tmp_path / "lists")
    choose(sheet, replace(files, consent=tmp_path / "absent.csv"))
    press(qtbot, sheet.look_button)
    qtbot.waitUntil(sheet.files.message.isVisible)
    assert "absent.csv was not found" in sheet.files.message.words


def test_an_update_shows_what_it_would_change_and_then_does(opened, qtbot: QtBot, folder: Path, tmp_path: Path):
    first = opened()
    looked_at(first, qtbot, written(tmp_path / "lists"))
    press(qtbot, first.import_button)
    qtbot.waitUntil(first.done_button.isVisible)
    first.dismiss()

    sheet = opened(update=True)
    assert not sheet.files.folder.isVisible()
    looked_at(sheet, qtbot, written(tmp_path / "newer", [*PATIENTS[:2], NEW_PATIENT], CONSENT[:2]))
    assert sheet.preview.figures[-3:] == [
        "1 patient is new",
        "1 is known and brought up to date",
        "2 are not in this list and stay as they are",
    ]
    assert held(folder) == 3
    press(qtbot, sheet.import_button)
    qtbot.waitUntil(sheet.done_button.isVisible)
    assert sheet.preview.names.text() == "Not in this list, and kept as they were: B, C."
    with qtbot.waitSignal(sheet.imported):
        press(qtbot, sheet.done_button)
    assert held(folder) == 4


def test_an_update_that_takes_a_dissent_away_says_whose_before_and_after(
    opened, qtbot: QtBot, folder: Path, tmp_path: Path
):
    first = opened()
    looked_at(first, qtbot, written(tmp_path / "lists"))
    press(qtbot, first.import_button)
    qtbot.waitUntil(first.done_button.isVisible)
    first.dismiss()
    sheet = opened(update=True)
    looked_at(sheet, qtbot, written(tmp_path / "newer", PATIENTS, CONSENT[:1]))
    whose = "Dissents of 2 patients counted until now, and by this list they do not."
    assert "look first" in sheet.preview.headline.words
    assert sheet.preview.headline.property("tone") == Tone.ATTENTION
    assert whose in sheet.preview.names.text()
    assert sheet.preview.names.text().endswith("the consent file is not complete. A, C.")
    press(qtbot, sheet.import_button)
    qtbot.waitUntil(sheet.done_button.isVisible)
    assert whose in sheet.preview.names.text()


class Slow:
    """The real port, each of whose long calls waits in the middle until it is let go or given up."""

    def __init__(self, folder: Path) -> None:
        self.reached = threading.Event()
        self.port = folder_port(folder)

    def __call__(self, folder: Path) -> FolderPort:
        return replace(self.port, look_at_list=self.look)

    def look(self, files, update, progress: Progress):
        checked = self.port.look_at_list(files, update, progress)
        return Held(checked, self.reached)


class Held:
    def __init__(self, checked, reached: threading.Event) -> None:
        self.checked = checked
        self.preview = checked.preview
        self.reached = reached

    def named(self, name: str, code: str):
        return Held(self.checked.named(name, code), self.reached)

    def bring_in(self, progress: Progress):
        def slowly(doing: str, done: int = 0, total: int = 0) -> None:
            if doing.startswith("Storing the consent"):
                self.reached.set()
                while True:
                    progress(doing, done, total)
            progress(doing, done, total)

        return self.checked.bring_in(slowly)


@pytest.mark.parametrize("by", ["mouse", "escape"])
def test_an_import_given_up_leaves_nothing_behind(opened, qtbot: QtBot, folder: Path, tmp_path: Path, by):
    slow = Slow(folder)
    sheet = opened(port_of=slow)
    looked_at(sheet, qtbot, written(tmp_path / "lists"))
    press(qtbot, sheet.import_button)
    assert slow.reached.wait(30)
    qtbot.waitUntil(lambda: sheet.bar.doing.text().startswith("Storing"))
    if by == "mouse":
        press(qtbot, sheet.cancel_button)
    else:
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(sheet.files.isVisible)
    assert "Given up. Nothing was stored." in sheet.files.message.words
    assert not (folder / "practice.db").exists()
    assert not list(folder.glob("*.db"))
    assert sheet.wait(0)


def test_escape_on_the_files_closes_it(opened, qtbot: QtBot):
    sheet = opened()
    qtbot.keyClick(sheet.files.patients.line, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
