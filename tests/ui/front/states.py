"""Every page around a practice, staged over fakes: for pictures of them, and for walks through everything in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.config import change_config_file, given_settings
from app.engine.connection import ConnectionReport, Remark, Verdict
from app.engine.list_preview import Finding, ListPreview
from app.engine.long_work import Progress, WorkState
from app.engine.practice import ImportSummary, ListSizes
from app.logs import LOG_FILE
from app.ui.front.demonstration_sheet import DemonstrationSheet
from app.ui.front.import_sheet import ImportSheet
from app.ui.front.memory import RecentPractice, WindowMemory
from app.ui.front.ports import BackupChoice, FolderPort
from app.ui.front.settings_sheet import SettingsPort
from app.ui.front.welcome_controller import WelcomeController
from app.ui.front.welcome_model import LACKS_SPINE, Trouble

OPENED = datetime(2026, 11, 20, 22, 4, tzinfo=UTC)
FOLDER = Path("/home/practice/scr-bulk")

FAULTS = [
    Finding("patients.csv", 17, "nhs_number", "The NHS number has nine digits: Excel may have dropped a leading zero."),
    Finding("patients.csv", 17, "date_of_birth", "Day and month must have two digits each."),
    Finding("patients.csv", 212, "whole line", "There are 9 values on this line, and the first line names 10 columns."),
    Finding("consent.csv", 4_088, "read_code", "This is not a consent code. Capital and small letters matter."),
]
WARNINGS = [
    Finding(
        "patients.csv", line, "nhs_number", "There is no NHS number: the patient is taken in, and listed as Failed."
    )
    for line in (88, 1_204, 7_310)
]
USABLE = ListPreview((), WARNINGS, ListSizes(10_387, 4_321, 264), 9_912, 118)
NEWER = replace(USABLE, changes=ImportSummary(212, 10_170, 4_350, 3, ("A-17", "A-23", "B-1002")))
SUMMARY = ImportSummary(10_387, 0, 4_321, 3)


@dataclass
class LookedAt:
    """A list that was looked at."""

    preview: ListPreview

    def named(self, name: str, ods_code: str) -> LookedAt:
        return self

    def bring_in(self, progress: Progress) -> ImportSummary:
        return SUMMARY


class Front:
    """The welcome window over a port that finds what it was told to find."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.preview = USABLE
        self.report = ConnectionReport([Remark(Verdict.GOOD, "A simulated Spine answers at 127.0.0.1:8750.")])
        self.has_practice = False
        self.folder = folder
        self.memory = WindowMemory(folder / "windows.ini")
        self.owner = QObject()
        self.controller = WelcomeController(self.port_of, self.memory, FOLDER, "Version 0.1.0", self.owner)
        self.window = self.controller.window
        self.page = self.window.page

    def port_of(self, folder: Path) -> FolderPort:
        return FolderPort(
            folder=folder,
            log_file=self.folder / LOG_FILE,
            has_practice=lambda: self.has_practice,
            find_database=lambda progress: None,
            settings=lambda: SettingsPort(
                lambda: given_settings(self.folder, environment={"SCR_BULK_CONCURRENCY": "3"}),
                lambda changes: change_config_file(self.folder, changes),
            ),
            look_at_connection=lambda progress: self.report,
            look_at_list=lambda files, update, progress: LookedAt(self.preview),
            make_demonstration=lambda count, progress: held(progress, "Storing the patients", 42_500, count),
            prepare_rehearsal=lambda progress: folder / "rehearsal",
            export=lambda out, who, progress: "Wrote everything.",
            back_up=lambda progress: held(progress, "Making a copy of the practice database"),
            newest_backup=lambda progress: BackupChoice(folder / "backups" / "practice.db", OPENED),
            restore=lambda copy, progress: "The practice stands as in the backup again.",
            save_findings=lambda path, findings: None,
        )

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=30_000)

    def shown(self) -> QWidget:
        """The window, active."""
        with self.qtbot.waitActive(self.window):
            self.window.activateWindow()
        return self.window


def held(progress: Progress, doing: str, done: int = 0, total: int = 0) -> None:
    """Work that stands still until it is given up."""
    while True:
        progress(doing, done, total)


@pytest.fixture
def front(tmp_path: Path, qtbot: QtBot) -> Iterator[Front]:
    """The welcome window, to be brought somewhere."""
    made = Front(tmp_path, qtbot)
    yield made
    made.controller.shut_down(30)
    made.controller.dispose()


def welcome(front: Front) -> QWidget:
    front.controller.show_welcome()
    return front.shown()


def welcome_again(front: Front) -> QWidget:
    front.memory.recent = lambda: [  # type: ignore[method-assign]
        RecentPractice(FOLDER, "The Surgery, A81001", OPENED),
        RecentPractice(FOLDER / "demonstration", "Demonstration Practice, Y12345", OPENED),
    ]
    return welcome(front)


def welcome_damaged(front: Front) -> QWidget:
    words = "The practice database is damaged. Do not work with it: restore the latest backup."
    front.controller.show_welcome(Trouble(FOLDER, words, looks_for_backup=True))
    front.until(front.page.restore_button.isVisible)
    return front.shown()


def welcome_without_spine(front: Front) -> QWidget:
    front.controller.show_welcome(Trouble(FOLDER, LACKS_SPINE, lacks_spine=True))
    return front.shown()


def opening(front: Front) -> QWidget:
    front.controller.show_work(f"Opening {FOLDER}", WorkState("Looking for the Spine"))
    return front.shown()


def demonstration(front: Front) -> QWidget:
    welcome(front)
    front.controller.front.on_demonstration()
    return front.window


def making_demonstration(front: Front) -> QWidget:
    demonstration(front)
    sheet = front.controller.front.sheet
    assert isinstance(sheet, DemonstrationSheet)
    sheet.size_field.setValue(100_000)
    sheet.on_accepted()
    front.until(lambda: sheet.work is not None and sheet.work.bar.numbers.text() == "42 %")
    return front.window


def import_files(front: Front) -> QWidget:
    welcome(front)
    front.controller.front.on_import()
    return front.window


def import_preview(front: Front) -> QWidget:
    return looked_at(front, USABLE)


def import_faults(front: Front) -> QWidget:
    return looked_at(front, ListPreview(faults=FAULTS))


def import_done(front: Front) -> QWidget:
    window = looked_at(front, USABLE)
    sheet = front.controller.front.sheet
    assert isinstance(sheet, ImportSheet)
    sheet.on_import()
    front.until(sheet.done_button.isVisible)
    return window


def update_preview(front: Front) -> QWidget:
    welcome(front)
    front.preview = NEWER
    front.controller.front.on_update()
    return look(front)


def looked_at(front: Front, preview: ListPreview) -> QWidget:
    front.preview = preview
    import_files(front)
    return look(front)


def look(front: Front) -> QWidget:
    sheet = front.controller.front.sheet
    assert isinstance(sheet, ImportSheet)
    for field, name in ((sheet.files.patients, "patients.csv"), (sheet.files.consent, "consent.csv")):
        field.set_path(FOLDER / name)
    sheet.on_look()
    front.until(sheet.preview.isVisible)
    return front.window


def settings(front: Front) -> QWidget:
    welcome(front)
    change_config_file(front.folder, {"CONCURRENCY": "2"})
    front.controller.front.on_settings()
    return front.window


def settings_fault(front: Front) -> QWidget:
    window = settings(front)
    sheet = front.controller.front.sheet
    field = sheet.fields["REQUESTS_PER_SECOND"].control  # type: ignore[union-attr]
    field.setText("fast")
    field.setFocus()
    return window


def connection(front: Front) -> QWidget:
    sign_in = Remark(Verdict.GOOD, "The sign-in service answers at 127.0.0.1:8750.")
    front.report = ConnectionReport([*front.report.remarks, sign_in])
    return tested(front)


def connection_refused(front: Front) -> QWidget:
    front.report = ConnectionReport(
        [
            Remark(
                Verdict.BAD,
                "The certificate shown at spine.example:443 was issued by somebody this computer does not trust. If "
                "you were given a file of certificates for this service or for your network, name it in the settings "
                "under Further trusted certificates. Do not go on without it.",
            ),
            Remark(Verdict.NOTE, "No sign-in is asked for: the sandbox takes no Smartcard, and holds no real patient."),
        ]
    )
    return tested(front)


def tested(front: Front) -> QWidget:
    welcome(front)
    front.controller.front.on_connection()
    front.until(lambda: front.controller.front.sheet.remarks)  # type: ignore[union-attr]
    return front.window


def log(front: Front) -> QWidget:
    said = (
        ("INFO", "app.bootstrap.product", "The practice was opened."),
        ("INFO", "app.engine.operator", "Execution 7 of run 3 began."),
        ("WARNING", "app.engine.loop", "The Spine did not answer: 3 in a row."),
        ("INFO", "app.engine.loop", "The Spine answers again."),
        ("ERROR", "app.desktop.hooks", "An error nobody expected."),
    )
    lines = [
        json.dumps({"at": f"2026-11-24T16:31:{at:02}.000+00:00", "level": level, "logger": where, "message": words})
        for at, (level, where, words) in enumerate(said * 5)
    ]
    (front.folder / LOG_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    welcome(front)
    front.controller.front.on_log()
    window = front.controller.front.log
    assert window is not None
    front.until(window.isActiveWindow)
    window.table.selectRow(2)
    return window


FRONT_STATES: tuple[Callable[[Front], QWidget], ...] = (
    welcome,
    welcome_again,
    welcome_damaged,
    welcome_without_spine,
    opening,
    demonstration,
    making_demonstration,
    import_files,
    import_preview,
    import_faults,
    import_done,
    update_preview,
    settings,
    settings_fault,
    connection,
    connection_refused,
    log,
)
"""Each brings the window there, and gives the one to look at."""
