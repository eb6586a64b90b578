"""Copying a patient's story for the record: asked about, noted in the trail first, refused without a card."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.ui.patients.story_taking import COPIED
from tests.ui.conftest import Staged
from tests.ui.hands import Hands
from tests.ui.patients.patient_states import patient_story


def asked(hands: Hands) -> QMessageBox:
    hands.click(hands.screen.patients.story.copy_button)
    hands.until(lambda: hands.screen.patients.taking.question is not None)
    return hands.screen.patients.taking.question


def test_yes_notes_it_and_copies_all_of_it(staged: Staged, qtbot: QtBot):
    hands = patient_story(staged, qtbot)
    QApplication.clipboard().clear()
    told: list[str] = []
    hands.screen.patients.told.connect(told.append)
    hands.click(asked(hands).button(QMessageBox.StandardButton.Yes))
    hands.until(lambda: told == [COPIED])
    assert staged.viewer.taken == [1]
    text = QApplication.clipboard().text()
    assert text.startswith(hands.screen.patients.story.model.name)
    assert "by Alison Marsh, System Administrator." in text
    QApplication.clipboard().clear()


def test_no_copies_nothing_and_notes_nothing(staged: Staged, qtbot: QtBot):
    hands = patient_story(staged, qtbot)
    QApplication.clipboard().clear()
    hands.click(asked(hands).button(QMessageBox.StandardButton.No))
    hands.until(lambda: hands.screen.patients.taking.question is None)
    assert staged.viewer.taken == []
    assert QApplication.clipboard().text() == ""


def test_a_card_taken_out_meanwhile_copies_nothing(staged: Staged, qtbot: QtBot):
    hands = patient_story(staged, qtbot)
    QApplication.clipboard().clear()
    question = asked(hands)
    staged.reader.remove_card()
    hands.screen.patients.on_look()
    hands.click(question.button(QMessageBox.StandardButton.Yes))
    hands.until(lambda: hands.screen.patients.taking.question is None)
    assert staged.viewer.taken == []
    assert QApplication.clipboard().text() == ""
    assert not hands.screen.patients.story.copy_button.isEnabled()


def test_a_refusal_between_the_question_and_the_answer_is_told(staged: Staged, qtbot: QtBot):
    hands = patient_story(staged, qtbot)
    QApplication.clipboard().clear()
    question = asked(hands)
    staged.viewer.refusal = "Your role may not see patients."
    hands.click(question.button(QMessageBox.StandardButton.Yes))
    assert "may not see" in hands.message().text()
    assert QApplication.clipboard().text() == ""
