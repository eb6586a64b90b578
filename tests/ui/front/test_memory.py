"""What the window remembers: recent practices, where it stood, widths; nothing in it keeps anybody from opening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication, QStandardItemModel
from PySide6.QtWidgets import QMainWindow, QSplitter, QTableView, QWidget
from pytestqt.qtbot import QtBot

from app.ui.front.memory import RecentPractice, WindowMemory, bring_onto_screen

THEN = datetime(2026, 11, 20, 22, 4, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "windows.ini"


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    splitter = QSplitter()
    splitter.setObjectName("lists")
    table = QTableView()
    table.setObjectName("patients")
    table.setModel(QStandardItemModel(3, 4, table))
    splitter.addWidget(table)
    splitter.addWidget(QWidget())
    made.setCentralWidget(splitter)
    made.resize(500, 300)
    made.show()
    return made


def practice(folder: Path, name: str = "The Surgery", at: datetime | None = THEN) -> RecentPractice:
    folder.mkdir(parents=True, exist_ok=True)
    return RecentPractice(folder, name, at)


def test_the_practices_opened_last_come_first_and_once(file: Path, tmp_path: Path):
    memory = WindowMemory(file)
    assert memory.recent() == []
    first, second = practice(tmp_path / "a"), practice(tmp_path / "b", 'Ünïcode, with; signs = "all"', None)
    for one in (first, second, first):
        memory.remember(one)
    assert WindowMemory(file).recent() == [first, second]


def test_no_more_than_eight_are_kept_and_those_that_are_gone_left_out(file: Path, tmp_path: Path):
    memory = WindowMemory(file)
    for number in range(12):
        memory.remember(practice(tmp_path / str(number), at=THEN + timedelta(days=number)))
    assert [one.folder.name for one in memory.recent()] == ["11", "10", "9", "8", "7", "6", "5", "4"]
    (tmp_path / "9").rmdir()
    assert "9" not in [one.folder.name for one in memory.recent()]


def test_a_window_comes_back_where_it_stood_for_this_folder(file: Path, window: QMainWindow, tmp_path: Path, qtbot):
    window.move(40, 50)
    window.resize(600, 400)
    qtbot.waitUntil(lambda: window.size() == QSize(600, 400))
    table = window.findChild(QTableView)
    table.horizontalHeader().resizeSection(1, 77)
    window.centralWidget().setSizes([200, 350])
    sizes = window.centralWidget().sizes()
    WindowMemory(file).save(window, tmp_path / "a")
    window.resize(520, 320)
    window.move(0, 0)
    table.horizontalHeader().resizeSection(1, 20)
    window.centralWidget().setSizes([10, 500])
    WindowMemory(file).restore(window, tmp_path / "b")
    assert window.size() == QSize(520, 320), "another folder remembers nothing yet"
    WindowMemory(file).restore(window, tmp_path / "a")
    qtbot.waitUntil(lambda: window.size() == QSize(600, 400))
    assert window.pos() == QPoint(40, 50)
    assert table.horizontalHeader().sectionSize(1) == 77
    assert window.centralWidget().sizes() == sizes


@pytest.mark.parametrize("place", [QPoint(5000, 100), QPoint(-3000, -3000), QPoint(100, 20_000)])
def test_a_window_whose_screen_has_gone_comes_onto_one_that_is_there(window: QMainWindow, place: QPoint):
    window.move(place)
    window.resize(QSize(9_000, 9_000))
    bring_onto_screen(window)
    area = QGuiApplication.primaryScreen().availableGeometry()
    assert area.contains(window.frameGeometry().center())
    assert window.width() <= area.width()
    assert window.height() <= area.height()


def test_a_window_that_can_be_reached_is_left_where_it_is(window: QMainWindow):
    before = QRect(300, 200, 400, 300)
    window.setGeometry(before)
    bring_onto_screen(window)
    assert window.geometry() == before


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00garbage", b"[recent]\nsize=many\n1\\folder=/x\n", b"[no-practice]\nwindow=nothing\n", b""],
    ids=["noise", "no number", "no geometry", "empty"],
)
def test_a_file_that_makes_no_sense_keeps_nobody_out(file: Path, window: QMainWindow, tmp_path: Path, content: bytes):
    file.parent.mkdir()
    file.write_bytes(content)
    memory = WindowMemory(file)
    assert memory.recent() == []
    memory.restore(window, None)
    memory.remember(practice(tmp_path / "a"))
    assert [one.folder for one in WindowMemory(file).recent()] == [tmp_path / "a"]


def test_the_programs_window_comes_back_where_it_stood(start, demo: Path, tmp_path: Path):
    desk = start(demo)
    screen = desk.until_open(demo)
    screen.window.resize(800, 640)
    desk.until(lambda: screen.window.size() == QSize(800, 640))
    desk.program.end()
    desk.ended()
    again = start(demo)
    assert again.until_open(demo).window.size() == QSize(800, 640)


def test_the_widths_somebody_gave_the_columns_of_a_list_come_back(start, demo: Path):
    """The lists of patients change their columns with what they show: each kind has widths of its own."""
    desk = start(demo)
    screen = desk.until_open(demo)
    desk.hands().signed_in()
    screen.patients_menu.find_entry.trigger()
    view = screen.patients.list.browser.view
    desk.until(lambda: view.isVisible() and view.model().rowCount() > 0)
    usual = [view.horizontalHeader().sectionSize(at) for at in (0, 1)]
    view.horizontalHeader().resizeSection(0, 321)
    desk.program.end()
    desk.ended()
    again = start(demo)
    screen = again.until_open(demo)
    again.hands().signed_in()
    screen.patients_menu.find_entry.trigger()
    view = screen.patients.list.browser.view
    again.until(lambda: view.isVisible() and view.model().rowCount() > 0)
    assert [view.horizontalHeader().sectionSize(at) for at in (0, 1)] == [321, usual[1]]


@pytest.mark.parametrize("text", ["nothing", "[]", '{"a|b": [1]}', '{"a": ["x"]}', '{"a": null}'])
def test_widths_that_make_no_sense_are_left_out(file: Path, qtbot: QtBot, text: str):
    table = Table()
    qtbot.addWidget(table)
    host = QMainWindow()
    qtbot.addWidget(host)
    host.setCentralWidget(table)
    memory = WindowMemory(file)
    memory.save(host, None)
    memory._store.setValue("no-practice/widths-list", text)
    memory.restore(host, None)
    assert table.widths == {}


class Table(QTableView):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("list")
        self.widths: dict[str, list[int]] = {}
