"""What appears where the keyboard is not is read aloud: refusals, findings, progress, who has signed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.front_ports import folder_port
from app.domain.errors import SignInRefused
from app.ui.front.import_sheet import ImportSheet
from app.ui.front.welcome_model import LACKS_SPINE, Trouble
from app.ui.tones import Tone
from app.ui.widgets import Notice
from tests.helpers.list_files import BAD_PATIENT, PATIENTS, written
from tests.ui.beginning_states import sign_in, signed_out
from tests.ui.conftest import Staged
from tests.ui.front.states import Front, front, welcome
from tests.ui.patients.patient_states import patients_failed
from tests.ui.preview.staging import preview_found, preview_working

__all__ = ["front"]
"""The fixture of the pages around a practice."""


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What a screen reader is told, in order. Qt's own way to it ends in the platform, which has none here."""
    heard: list[str] = []

    def hear(event: QAccessible.Event) -> None:
        heard.append(event.message())

    monkeypatch.setattr("app.ui.spoken.QAccessible.updateAccessibility", hear)
    return heard


def test_only_what_is_new_and_to_be_seen_is_said(qtbot: QtBot, said: list[str]):
    host = QWidget()
    speaks, quiet = Notice(speaks=True), Notice()
    for one in (speaks, quiet):
        one.setParent(host)
        qtbot.addWidget(host)
    speaks.say(Tone.FAILED, "Nobody sees this yet.")
    host.show()
    for one in (speaks, quiet):
        one.say(Tone.FAILED, "It is wrong.", "Put it right.")
        one.say(Tone.FAILED, "It is wrong.", "Put it right.")
        one.say(Tone.FAILED, "")
    assert said == ["It is wrong. Put it right."]


def test_a_refused_sign_in_is_said(staged: Staged, qtbot: QtBot, said: list[str], monkeypatch):
    words = "The passcode is wrong. Type it again."

    def refuse(*_: object) -> None:
        raise SignInRefused(words)

    monkeypatch.setattr(staged.reader, "sign_in", refuse)
    hands = sign_in(staged, qtbot)
    hands.sign_in()
    hands.until(lambda: words in said)


def test_who_signs_in_is_said_and_that_nobody_is_any_more(staged: Staged, qtbot: QtBot, said: list[str]):
    hands = signed_out(staged, qtbot)
    hands.signed_in()
    hands.until(lambda: "Alison Marsh, System Administrator. Signed in at 16:31. Ends at 02:31 on 25/11/2026." in said)
    hands.click(hands.window.side.card.remove_button)
    hands.until(lambda: said[-1] == "Nobody is signed in.")


def test_the_keyboard_stays_with_the_card(staged: Staged, qtbot: QtBot):
    hands = signed_out(staged, qtbot)
    panel = hands.window.side.card
    panel.sign_in_button.setFocus()
    hands.key(Qt.Key.Key_Space)
    hands.until(lambda: hands.screen.sign_in.dialog is not None)
    hands.sign_in()
    hands.until_focus(panel.remove_button)
    hands.key(Qt.Key.Key_Space)
    hands.until_focus(panel.sign_in_button)


def test_what_was_found_in_a_list_is_said_each_time(qtbot: QtBot, tmp_path: Path, said: list[str]):
    sheet = ImportSheet(folder_port, tmp_path / "practice", None, update=False)
    qtbot.addWidget(sheet)
    sheet.open()
    qtbot.waitUntil(sheet.isVisible)
    sheet.look_button.click()
    assert said[-1].startswith("Choose the patients file")
    files = written(tmp_path / "lists", [*PATIENTS, BAD_PATIENT])
    sheet.files.patients.set_path(files.patients)
    for times in (1, 2):
        sheet.look_button.click()
        qtbot.waitUntil(sheet.preview.isVisible)
        assert sum("cannot be imported" in words for words in said) == times
        sheet.again_button.click()


def test_a_practice_that_does_not_open_is_said_and_the_keyboard_goes_to_what_helps(front: Front, said: list[str]):
    welcome(front)
    page, trouble = front.page, Trouble(Path("practice"), LACKS_SPINE, lacks_spine=True)
    page.import_button.setFocus()
    front.controller.show_welcome(trouble)
    front.until(lambda: QApplication.focusWidget() is page.rehearse_button)
    assert said[-1].startswith(LACKS_SPINE)
    assert page.rehearse_button.accessibleDescription().startswith(LACKS_SPINE)
    page.import_button.setFocus()
    front.controller.show_welcome(trouble)
    assert page.import_button.hasFocus(), "nothing new"


def test_how_far_a_preview_is_is_said(staged: Staged, qtbot: QtBot, said: list[str]):
    hands = preview_working(staged, qtbot)
    hands.screen.preview.on_speech_due()
    assert said[-1] == hands.screen.preview.page.doing.text()


def test_the_two_lists_of_a_previews_warnings_have_names_of_their_own(staged: Staged, qtbot: QtBot):
    page = preview_found(staged, qtbot).screen.preview.page
    names = {one.accessibleName() for one in (page.widening_button, page.not_sent_button)}
    assert len(names) == 2


def test_how_many_a_search_finds_is_said(staged: Staged, qtbot: QtBot, said: list[str]):
    hands = patients_failed(staged, qtbot)
    browser = hands.screen.patients.list.browser
    browser.fields.search.setFocus()
    hands.type("a")
    hands.until(lambda: bool(said) and said[-1] == browser.count.text())
    assert browser.fields.search.hasFocus()
