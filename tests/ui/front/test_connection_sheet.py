"""Testing the connection from the window: the findings with their signs, again, and leaving while it is under way."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.errors import BadInput
from app.engine.connection import ConnectionReport, Remark, Verdict
from app.ui.front.connection_sheet import ALL_GOOD, NOT_GOOD, ConnectionSheet

GOOD = ConnectionReport(
    [Remark(Verdict.GOOD, "A simulated Spine answers."), Remark(Verdict.NOTE, "No sign-in is asked for.")]
)
BAD = ConnectionReport([Remark(Verdict.BAD, "Nothing answers at <b>spine.example</b>.")])


@pytest.fixture
def opened(qtbot: QtBot):
    host = QWidget()
    qtbot.addWidget(host)
    host.show()

    def open_one(look) -> ConnectionSheet:
        sheet = ConnectionSheet(look, host)
        sheet.open()
        return sheet

    return open_one


def test_what_was_found_is_shown_line_by_line(qtbot: QtBot, opened):
    sheet = opened(lambda progress: GOOD)
    qtbot.waitUntil(lambda: sheet.verdict.text() == ALL_GOOD)
    assert sheet.remarks == ["A simulated Spine answers.", "No sign-in is asked for."]
    assert "simulated Spine" in sheet.verdict.accessibleDescription()
    qtbot.keyClick(sheet.close_button, Qt.Key.Key_Return)
    assert not sheet.isVisible()


def test_it_is_tested_again(qtbot: QtBot, opened):
    reports = [BAD, GOOD]
    sheet = opened(lambda progress: reports.pop(0))
    qtbot.waitUntil(lambda: sheet.verdict.text() == NOT_GOOD)
    assert sheet.remarks == ["Nothing answers at <b>spine.example</b>."]
    qtbot.mouseClick(sheet.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: sheet.verdict.text() == ALL_GOOD)
    assert len(sheet.remarks) == 2


def test_a_reason_is_a_finding_and_an_error_is_told_of(qtbot: QtBot, opened):
    def refuse(progress):
        raise BadInput("The address cannot be used.")

    def fail(progress):
        raise ZeroDivisionError

    sheet = opened(refuse)
    qtbot.waitUntil(lambda: sheet.remarks == ["The address cannot be used."])
    with qtbot.waitSignal(opened(fail).failed) as told:
        pass
    assert isinstance(told.args[0], ZeroDivisionError)


def test_closing_does_not_wait_and_gives_the_look_up(qtbot: QtBot, opened):
    go_on = threading.Event()

    def look(progress):
        progress("Asking the Spine")
        assert go_on.wait(30)
        progress("Asking the sign-in service")
        return GOOD

    sheet = opened(look)
    qtbot.waitUntil(lambda: sheet.bar.doing.text() == "Asking the Spine…")
    assert not sheet.again_button.isEnabled()
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
        assert not sheet.isVisible()
        go_on.set()
    assert sheet.wait(0)


def test_the_settings_are_one_press_away(qtbot: QtBot, opened):
    sheet = opened(lambda progress: BAD)
    qtbot.waitUntil(lambda: sheet.verdict.text() == NOT_GOOD)
    with qtbot.waitSignal(sheet.settings_wanted):
        qtbot.mouseClick(sheet.settings_button, Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()
