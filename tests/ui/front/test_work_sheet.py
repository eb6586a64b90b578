"""Long work before the window: how far it is, Cancel, and every way it can end."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.engine.long_work import Cancelled
from app.ui.front.sheet import Sheet
from app.ui.front.work_sheet import GIVING_UP, WorkSheet


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_a_sheet_is_no_larger_than_the_screen_so_that_its_buttons_are_in_reach(qtbot: QtBot):
    sheet = Sheet("High", None, width=1_000, height=1_000)
    qtbot.addWidget(sheet)
    sheet.show()
    screen = sheet.screen().availableSize()
    assert sheet.width() <= screen.width()
    assert sheet.height() < screen.height(), "with room for the frame's title"


def opened(work, host: QWidget) -> WorkSheet:
    sheet = WorkSheet("Making something", work, host)
    sheet.open()
    return sheet


class Held:
    """Work that says where it stands and goes on when it is let go, or when it is given up."""

    def __init__(self, doing: str = "Storing", done: int = 0, total: int = 0) -> None:
        self.said = (doing, done, total)
        self.go_on = threading.Event()

    def __call__(self, progress):
        while not self.go_on.wait(0.005):
            progress(*self.said)
        return "made"


def test_it_shows_how_far_the_work_is(qtbot: QtBot, host: QWidget):
    work = Held("Storing the patients", 2_500, 10_000)
    sheet = opened(work, host)
    qtbot.waitUntil(lambda: sheet.bar.doing.text() == "Storing the patients…")
    assert sheet.bar.numbers.text() == "25 %"
    assert (sheet.bar.bar.value(), sheet.bar.bar.maximum()) == (2_500, 10_000)
    work.said = ("Storing the consent entries", 1_234, 0)
    qtbot.waitUntil(lambda: sheet.bar.numbers.text() == "1,234")
    assert sheet.bar.bar.accessibleName() == "Storing the consent entries"
    with qtbot.waitSignal(sheet.succeeded) as told:
        work.go_on.set()
    assert told.args == ["made"]
    assert not sheet.isVisible()


@pytest.mark.parametrize("by", ["mouse", "escape", "frame"])
def test_cancel_gives_the_work_up_and_says_so(qtbot: QtBot, host: QWidget, by):
    noticed = threading.Event()
    may_end = threading.Event()

    def work(progress):
        try:
            while True:
                progress("Storing")
        except Cancelled:
            noticed.set()
            assert may_end.wait(30)
            raise

    sheet = opened(work, host)
    if by == "mouse":
        qtbot.mouseClick(sheet.cancel_button, Qt.MouseButton.LeftButton)
    elif by == "escape":
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    else:
        sheet.close()
    assert noticed.wait(30)
    assert sheet.isVisible(), "it stands until the work has undone itself"
    assert sheet.bar.doing.text() == GIVING_UP
    assert not sheet.cancel_button.isEnabled()
    with qtbot.waitSignal(sheet.cancelled):
        may_end.set()
    assert not sheet.isVisible()


def test_work_that_was_done_before_it_noticed_is_done(qtbot: QtBot, host: QWidget):
    begun, may_end = threading.Event(), threading.Event()

    def work(progress):
        begun.set()
        assert may_end.wait(30)
        return "made"

    sheet = opened(work, host)
    assert begun.wait(30)
    sheet.on_cancel()
    with qtbot.waitSignal(sheet.succeeded):
        may_end.set()


def test_a_reason_and_an_error_are_told_apart(qtbot: QtBot, host: QWidget):
    def refuse(progress):
        raise Refused("There is no room.")

    def fail(progress):
        raise ZeroDivisionError

    with qtbot.waitSignal(opened(refuse, host).refused) as told:
        pass
    assert told.args == ["There is no room."]
    with qtbot.waitSignal(opened(fail, host).failed) as told:
        pass
    assert isinstance(told.args[0], ZeroDivisionError)


def test_at_the_end_of_the_program_the_work_is_given_up_and_waited_for(qtbot: QtBot, host: QWidget):
    work = Held()
    sheet = opened(work, host)
    assert sheet.wait(30)
    with qtbot.waitSignal(sheet.cancelled):
        pass
    assert sheet.wait(0)
