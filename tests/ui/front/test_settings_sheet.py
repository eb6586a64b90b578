"""The settings page: every declared setting, checked as one types, where values come from, saved without a loss."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.config import DECLARED, change_config_file, given_settings, load_settings
from app.domain.errors import BadInput
from app.ui.fields import TickBox
from app.ui.front.settings_sheet import SettingsPort, SettingsSheet

OFFERED = [setting for setting in DECLARED if setting.offered]


def port_of(folder: Path, environment: dict[str, str] | None = None, **others: object) -> SettingsPort:
    return SettingsPort(
        given=lambda: given_settings(folder, environment=environment or {}),
        save=lambda changes: change_config_file(folder, changes),
        **others,  # type: ignore[arg-type]
    )


@pytest.fixture
def opened(qtbot: QtBot):
    host = QWidget()
    qtbot.addWidget(host)
    host.show()

    def open_one(port: SettingsPort, *, can_reopen: bool = True) -> SettingsSheet:
        sheet = SettingsSheet(port, host, can_reopen=can_reopen)
        sheet.open()
        qtbot.waitUntil(sheet.isVisible)
        return sheet

    return open_one


def type_into(sheet: SettingsSheet, qtbot: QtBot, key: str, text: str) -> None:
    line = sheet.fields[key].control
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)


def saved(sheet: SettingsSheet, qtbot: QtBot, button=None) -> bool:
    with qtbot.waitSignal(sheet.saved) as told:
        qtbot.mouseClick(button or sheet.save_button, Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()
    return told.args[0]


def test_every_offered_setting_has_its_field_and_says_what_may_stand_in_it(opened, tmp_path: Path):
    sheet = opened(port_of(tmp_path))
    assert list(sheet.fields) == [setting.key for setting in OFFERED]
    for setting in OFFERED:
        one = sheet.fields[setting.key]
        assert one.control.accessibleName() == setting.label
        assert setting.meaning in one.control.accessibleDescription()
        assert isinstance(one.control, TickBox) == setting.is_switch
        assert setting.is_switch or setting.allowed in one.control.accessibleDescription()
    assert sheet.fields["REQUESTS_PER_SECOND"].control.placeholderText() == "5"
    assert sheet.fields["SCR_ENABLED"].control.isChecked()
    assert not sheet.save_button.isEnabled()
    assert sheet.save_button.toolTip() == "Nothing has been changed."


def test_what_was_typed_is_saved_and_everything_else_kept(opened, qtbot: QtBot, tmp_path: Path):
    (tmp_path / "config.toml").write_text("# ask Sam\nconcurrency = 2\nsettle_seconds = 9\n", encoding="utf-8")
    sheet = opened(port_of(tmp_path))
    assert sheet.fields["CONCURRENCY"].text == "2"
    type_into(sheet, qtbot, "SPINE_URL", "https://spine.example/path")
    type_into(sheet, qtbot, "CONCURRENCY", " 8 ")
    type_into(sheet, qtbot, "SETTLE_SECONDS", "")
    qtbot.keyClick(sheet.fields["SCR_ENABLED"].control, Qt.Key.Key_Space)
    assert saved(sheet, qtbot) is False
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == (
        '# ask Sam\nconcurrency = 8\nspine_url = "https://spine.example/path"\nscr_enabled = false\n'
    )
    settings = load_settings(tmp_path, environment={})
    assert (settings.concurrency, settings.settle_seconds, settings.scr_enabled) == (8, 75, False)


def test_what_cannot_be_used_is_said_at_once_and_not_saved(opened, qtbot: QtBot, tmp_path: Path):
    sheet = opened(port_of(tmp_path))
    type_into(sheet, qtbot, "CONCURRENCY", "17")
    one = sheet.fields["CONCURRENCY"]
    assert one.fault.isVisible()
    assert one.fault.text() == "This cannot be used. It takes a whole number from 1 to 16."
    assert one.fault.text() in one.control.accessibleDescription()
    assert not sheet.save_button.isEnabled()
    qtbot.keyClick(one.control, Qt.Key.Key_Return)
    assert sheet.isVisible()
    type_into(sheet, qtbot, "CONCURRENCY", "16")
    assert not one.fault.isVisible()
    qtbot.keyClick(one.control, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not sheet.isVisible())
    assert load_settings(tmp_path, environment={}).concurrency == 16


def test_a_value_from_the_environment_outranks_the_file_and_says_so(opened, qtbot: QtBot, tmp_path: Path):
    change_config_file(tmp_path, {"CONCURRENCY": "2"})
    sheet = opened(port_of(tmp_path, {"SCR_BULK_CONCURRENCY": "3"}))
    one = sheet.fields["CONCURRENCY"]
    assert one.text == "2"
    assert one.model.note == (
        "At present 3 counts, from the environment (SCR_BULK_CONCURRENCY): it goes before what is saved here."
    )
    assert one.model.note in one.control.accessibleDescription()
    assert sheet.fields["PROXY"].model.note == ""


def test_a_reason_against_the_whole_stays_on_the_page(opened, qtbot: QtBot, tmp_path: Path):
    def refuse(changes: object) -> None:
        raise BadInput("The address in the setting SPINE_URL must begin with https://.")

    port = SettingsPort(given=lambda: given_settings(tmp_path, environment={}), save=refuse)
    sheet = opened(port)
    type_into(sheet, qtbot, "SPINE_URL", "http://elsewhere.example")
    qtbot.mouseClick(sheet.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(sheet.message.isVisible)
    assert "must begin with https" in sheet.message.words
    assert sheet.isVisible()
    assert sheet.save_button.isEnabled()


def test_save_and_open_again_asks_for_it(opened, qtbot: QtBot, tmp_path: Path):
    sheet = opened(port_of(tmp_path))
    type_into(sheet, qtbot, "CONCURRENCY", "1")
    assert saved(sheet, qtbot, sheet.reopen_button) is True
    assert not opened(port_of(tmp_path), can_reopen=False).reopen_button.isVisible()


def test_cancel_and_escape_change_nothing(opened, qtbot: QtBot, tmp_path: Path):
    for leave in ("button", "escape"):
        sheet = opened(port_of(tmp_path))
        type_into(sheet, qtbot, "CONCURRENCY", "1")
        if leave == "button":
            qtbot.mouseClick(sheet.cancel_button, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(sheet.fields["CONCURRENCY"].control, Qt.Key.Key_Escape)
        assert not sheet.isVisible()
        assert not (tmp_path / "config.toml").exists()


def test_a_file_that_cannot_be_read_is_told_and_nothing_is_offered(opened, tmp_path: Path):
    (tmp_path / "config.toml").write_text("concurrency = ", encoding="utf-8")
    sheet = opened(port_of(tmp_path))
    assert "config.toml in the data folder cannot be read" in sheet.message.words
    assert not sheet.fields
    assert not sheet.save_button.isEnabled()


def test_a_switch_with_an_unusable_word_in_the_file_is_written_anew(opened, qtbot: QtBot, tmp_path: Path):
    (tmp_path / "config.toml").write_text('scr_enabled = "perhaps"\n', encoding="utf-8")
    sheet = opened(port_of(tmp_path))
    assert saved(sheet, qtbot) is False
    assert load_settings(tmp_path, environment={}).scr_enabled is True


def test_other_standards_are_shown(opened, tmp_path: Path):
    sheet = opened(port_of(tmp_path, standards={"REQUESTS_PER_SECOND": "20"}, remark="A demonstration."))
    assert sheet.fields["REQUESTS_PER_SECOND"].control.placeholderText() == "20"
