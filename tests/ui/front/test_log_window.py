"""The log in its window: its end, rotation, filters, saving, and that no patient is in it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.logs import LOG_FILE, RedactingFormatter, set_up_logging
from app.ui.front.log_model import log_table
from app.ui.front.log_tail import LogEntry, LogTail
from app.ui.front.log_window import LogWindow


def line(message: str, level: str = "INFO", **more: object) -> str:
    said = {"at": "2026-11-24T16:31:02.123+00:00", "level": level, "logger": "app.engine.loop", "message": message}
    return json.dumps({**said, **more}) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / LOG_FILE


@pytest.fixture
def shown(qtbot: QtBot, file: Path):
    host = QWidget()
    qtbot.addWidget(host)

    def show() -> LogWindow:
        window = LogWindow(file, host)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitActive(window)
        return window

    return show


def messages(window: LogWindow) -> list[str]:
    return [entry.message for entry in window.entries.shown()]


def test_only_what_is_new_is_read(file: Path):
    tail = LogTail(file)
    assert tail.read() == []
    file.write_text(line("one") + line("two"), encoding="utf-8")
    assert [entry.message for entry in tail.read()] == ["one", "two"]
    assert tail.read() == []
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line("three")[:20])
        stream.flush()
        assert tail.read() == [], "half a line is not an entry yet"
        stream.write(line("three")[20:])
    assert [entry.message for entry in tail.read()] == ["three"]


def test_a_rotated_file_is_read_from_its_start(file: Path):
    tail = LogTail(file)
    file.write_text(line("old") * 3, encoding="utf-8")
    tail.read()
    file.rename(file.with_name(f"{LOG_FILE}.1"))
    assert tail.read() == []
    file.write_text(line("new"), encoding="utf-8")
    assert [entry.message for entry in tail.read()] == ["new"]


def test_the_first_look_takes_the_end_of_a_long_log(file: Path):
    file.write_text("".join(line(f"entry {n} " + "x" * 500) for n in range(2_000)), encoding="utf-8")
    read = LogTail(file).read()
    assert 500 < len(read) < 1_000
    assert read[-1].message.startswith("entry 1999 ")
    assert all(entry.where == "app.engine.loop" for entry in read), "no entry that was cut in two"


def test_an_entry_reads_as_staff_read_it(file: Path):
    file.write_text(
        line("It stopped.", "WARNING", error=["ZeroDivisionError at loop.py:1 run"])
        + "9990000018 in no form of ours\n",
        encoding="utf-8",
    )
    first, second = LogTail(file).read()
    assert first == LogEntry(
        "24/11/2026 16:31:02", "WARNING", "app.engine.loop", "It stopped.", ("ZeroDivisionError at loop.py:1 run",)
    )
    assert second.message == "[number removed] in no form of ours"
    assert first.severity > second.severity


def test_the_number_of_entries_held_is_bounded(qtbot: QtBot):
    host = QWidget()
    qtbot.addWidget(host)
    model = log_table(host, kept=100)
    for start in range(0, 350, 70):
        model.add([LogEntry("", "INFO", "", str(n)) for n in range(start, start + 70)])
        assert model.rowCount() <= 100
    assert [model.row(0).message, model.row(99).message] == ["250", "349"]
    model.add([LogEntry("", "INFO", "", str(n)) for n in range(1_000)])
    assert [model.row(0).message, model.row(99).message] == ["900", "999"]


def test_it_shows_what_is_written_while_it_is_open(qtbot: QtBot, shown, tmp_path: Path):
    before = logging.getLogger().level
    set_up_logging(tmp_path)
    try:
        logging.getLogger("app.test").warning("First for %s", "9990000018")
        window = shown()
        assert messages(window) == ["First for [number removed]"]
        logging.getLogger("app.test").error("Second")
        qtbot.waitUntil(lambda: messages(window)[-1:] == ["Second"], timeout=10_000)
    finally:
        root = logging.getLogger()
        root.setLevel(before)
        for handler in [one for one in root.handlers if isinstance(one.formatter, RedactingFormatter)]:
            root.removeHandler(handler)
            handler.close()


def test_it_is_filtered_by_level_and_by_text(qtbot: QtBot, shown, file: Path):
    file.write_text(line("Started") + line("Slow answer", "WARNING") + line("Broken", "ERROR"), encoding="utf-8")
    window = shown()
    assert window.number.text() == "3 entries"
    window.level.setFocus()
    qtbot.keyClick(window.level, Qt.Key.Key_Down)
    assert messages(window) == ["Slow answer", "Broken"]
    qtbot.keyClick(window.level, Qt.Key.Key_Down)
    assert messages(window) == ["Broken"]
    assert window.number.text() == "1 of 3 entries"
    qtbot.keyClick(window.level, Qt.Key.Key_Home)
    qtbot.keyClicks(window.text, "SLOW")
    assert messages(window) == ["Slow answer"]
    qtbot.keyClicks(window.text, "xyz")
    assert messages(window) == []


def test_the_chosen_entry_is_shown_whole(qtbot: QtBot, shown, file: Path):
    file.write_text(line("Broken", "ERROR", error=["KeyError at a.py:1 f", "OSError at b.py:2 g"]), encoding="utf-8")
    window = shown()
    window.table.setFocus()
    qtbot.keyClick(window.table, Qt.Key.Key_Down)
    assert window.detail.toPlainText() == "Broken\nKeyError at a.py:1 f\nOSError at b.py:2 g"


def test_what_is_shown_is_saved(qtbot: QtBot, shown, file: Path, tmp_path: Path):
    file.write_text(line("Started") + line("Slow answer", "WARNING"), encoding="utf-8")
    window = shown()
    qtbot.mouseClick(window.save_button, Qt.MouseButton.LeftButton)
    chooser = window._chooser
    assert chooser is not None
    assert chooser.isVisible()
    chooser.reject()
    window.level.setCurrentIndex(1)
    window.save_to(str(tmp_path / "saved.txt"))
    assert (tmp_path / "saved.txt").read_text(encoding="utf-8") == (
        "24/11/2026 16:31:02  WARNING   app.engine.loop  Slow answer\n"
    )
    assert window.note.words.startswith("Saved 1 entry as ")
    window.save_to(str(tmp_path / "no such folder" / "saved.txt"))
    assert "could not be written" in window.note.words


def test_without_a_log_it_says_where_one_would_be(shown, tmp_path: Path):
    assert shown().number.text() == f"There is no log yet in {tmp_path}."


def test_escape_closes_it(qtbot: QtBot, shown):
    window = shown()
    qtbot.keyClick(window.text, Qt.Key.Key_Escape)
    assert not window.isVisible()
