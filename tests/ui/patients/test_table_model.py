"""The table over a list: read in other threads, page by page, and empty at once when it may no longer be seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.domain.errors import StorageFault
from app.engine.lists import ListQuery, OfPractice, OfRun, Sort
from app.engine.run_lists import LISTS
from app.ui.patients.columns import columns_of
from app.ui.patients.table_model import PatientsBeginning, PatientTable
from tests.ui.patients.fake_lists import FakeViewer

FAILED = ListQuery(OfRun(1, LISTS["failed"]))
COLUMNS = columns_of(FAILED.source)


@pytest.fixture
def viewer() -> FakeViewer:
    return FakeViewer()


@pytest.fixture
def table(viewer: FakeViewer, qtbot: QtBot) -> Iterator[PatientTable]:
    made = PatientTable(viewer)
    yield made
    viewer.may_go_on.set()
    qtbot.waitUntil(lambda: not made.is_reading)


def opened(table: PatientTable, qtbot: QtBot, query: ListQuery = FAILED) -> None:
    with qtbot.waitSignal(table.opened):
        table.open(query, columns_of(query.source))


def text(table: PatientTable, row: int, column: int = 0) -> str:
    return table.data(table.index(row, column))


def test_it_keeps_qts_rules(table: PatientTable, qtbot: QtBot, qtmodeltester: ModelTester):
    qtmodeltester.check(table)
    opened(table, qtbot)
    qtmodeltester.check(table)


def test_a_list_is_counted_and_begun_in_another_thread(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    with qtbot.waitSignal(table.opened) as told:
        table.open(FAILED, COLUMNS)
        assert table.rowCount() == 0
    assert told.args[0].total == 250
    assert sum(one.patients for one in told.args[0].reasons) == 250
    assert (table.rowCount(), table.columnCount()) == (250, len(COLUMNS))
    assert text(table, 0) == "Abdi"
    assert threading.get_ident() not in viewer.threads
    assert table.rowCount(table.index(0, 0)) == table.columnCount(table.index(0, 0)) == 0


def test_what_comes_into_view_is_read_and_told_of(table: PatientTable, qtbot: QtBot):
    opened(table, qtbot)
    with qtbot.waitSignal(table.dataChanged) as told:
        assert text(table, 200) == ""
    assert (told.args[0].row(), told.args[1].row(), told.args[1].column()) == (200, 249, len(COLUMNS) - 1)
    assert text(table, 200) != ""


def test_while_a_page_is_read_only_the_last_asked_for_wait(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    viewer.total = 10_000
    opened(table, qtbot)
    viewer.may_go_on.clear()
    for row in range(1_000, 9_000, 100):
        text(table, row)
    viewer.may_go_on.set()
    qtbot.waitUntil(lambda: not table.is_reading)
    pages = [row for row in range(1_000, 9_000, 100) if table.line(row) is not None]
    assert 8_900 in pages
    assert len(pages) <= 4


def test_another_order_is_another_list(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    opened(table, qtbot)
    before = text(table, 0)
    opened(table, qtbot, ListQuery(FAILED.source, sort=Sort.TIME, descending=True))
    assert text(table, 0) != before
    assert viewer.reads[-1][0].sort is Sort.TIME


def test_the_list_asked_for_last_is_the_one_shown(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    viewer.may_go_on.clear()
    shown = []
    table.opened.connect(shown.append)
    for typed in ("s", "sm", "smi"):
        table.open(ListQuery(OfPractice(), search=typed), COLUMNS)
    viewer.may_go_on.set()
    qtbot.waitUntil(lambda: not table.is_reading)
    assert [one.query.search for one in shown] == ["smi"]
    assert viewer.reads[-1][0].search == "smi"


def test_other_columns_come_with_their_list(table: PatientTable, qtbot: QtBot):
    opened(table, qtbot)
    opened(table, qtbot, ListQuery(OfPractice()))
    headings = [table.headerData(at, Qt.Orientation.Horizontal) for at in range(table.columnCount())]
    assert headings == ["Surname", "Forename", "Born", "NHS number", "Registration", "Here now"]
    assert table.headerData(0, Qt.Orientation.Vertical) is None
    assert table.headerData(99, Qt.Orientation.Horizontal) is None


def test_names_that_may_not_be_seen_are_not_shown_but_counted(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    viewer.refusal = "Nobody is signed in."
    counted: list[PatientsBeginning] = []
    table.opened.connect(counted.append)
    with qtbot.waitSignal(table.refused) as told:
        table.open(FAILED, COLUMNS)
    assert told.args == ["Nobody is signed in."]
    assert [one.total for one in counted] == [250]
    assert table.rowCount() == 0


def test_a_refusal_in_the_middle_takes_the_names_away(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    opened(table, qtbot)
    viewer.refusal = "Your Smartcard session has ended."
    with qtbot.waitSignal(table.refused):
        text(table, 200)
    assert table.rowCount() == 0
    assert table.line(0) is None


def test_what_was_read_before_a_clearing_is_shown_to_nobody(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    viewer.may_go_on.clear()
    table.open(FAILED, COLUMNS)
    table.clear()
    viewer.may_go_on.set()
    qtbot.waitUntil(lambda: not table.is_reading)
    assert table.rowCount() == 0


def test_a_database_that_cannot_be_read_is_told_in_words(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    viewer.fault = StorageFault("The disk has gone.")
    with qtbot.waitSignal(table.refused) as told:
        table.open(FAILED, COLUMNS)
    assert told.args == ["The disk has gone."]


def test_an_unexpected_error_is_handed_on(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    viewer.fault = ZeroDivisionError()
    with qtbot.waitSignal(table.failed) as told:
        table.open(FAILED, COLUMNS)
    assert isinstance(told.args[0], ZeroDivisionError)


def test_a_list_that_shrinks_is_read_anew(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    opened(table, qtbot)
    viewer.total = 120
    with qtbot.waitSignal(table.opened) as told:
        text(table, 150)
    assert told.args[0].total == 120
    assert table.rowCount() == 120


def test_nothing_is_read_after_the_end(table: PatientTable, viewer: FakeViewer, qtbot: QtBot):
    viewer.may_go_on.clear()
    table.open(FAILED, COLUMNS)
    table.open(ListQuery(OfPractice()), COLUMNS)
    viewer.may_go_on.set()
    assert table.wait(30)
    qtbot.waitUntil(lambda: not table.is_reading)
    assert viewer.reads[-1][0] == FAILED


def test_cells_say_nothing_but_their_text(table: PatientTable, qtbot: QtBot):
    opened(table, qtbot)
    index = table.index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Abdi"
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.DecorationRole):
        assert index.data(role) is None
    assert table.data(QModelIndex(), Qt.ItemDataRole.UserRole) is None
