"""A patient's story copied, saved and printed: asked about, noted in the trail first, refused without a card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.ui.patients.story_taking import COPIED
from tests.ui.conftest import Staged
from tests.ui.hands import Hands
from tests.ui.patients.fake_lists import a_story
from tests.ui.patients.patient_states import patient_story
from tests.ui.reports.pdf import Pdf

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


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
    assert staged.stories.taken == [(1, "clipboard")]
    text = QApplication.clipboard().text()
    assert text.startswith(hands.screen.patients.story.model.name)
    assert "by Alison Marsh, System Administrator." in text
    QApplication.clipboard().clear()


def test_no_copies_nothing_and_notes_nothing(staged: Staged, qtbot: QtBot):
    hands = patient_story(staged, qtbot)
    QApplication.clipboard().clear()
    hands.click(asked(hands).button(QMessageBox.StandardButton.No))
    hands.until(lambda: hands.screen.patients.taking.question is None)
    assert staged.stories.taken == []
    assert QApplication.clipboard().text() == ""


def test_a_card_taken_out_meanwhile_copies_nothing(staged: Staged, qtbot: QtBot):
    hands = patient_story(staged, qtbot)
    QApplication.clipboard().clear()
    question = asked(hands)
    staged.reader.remove_card()
    hands.screen.patients.on_look()
    hands.click(question.button(QMessageBox.StandardButton.Yes))
    hands.until(lambda: hands.screen.patients.taking.question is None)
    assert staged.stories.taken == []
    assert QApplication.clipboard().text() == ""
    assert not hands.screen.patients.story.copy_button.isEnabled()


def test_a_refusal_between_the_question_and_the_answer_is_told(staged: Staged, qtbot: QtBot):
    hands = patient_story(staged, qtbot)
    QApplication.clipboard().clear()
    question = asked(hands)
    staged.stories.refusal = "Your role may not see patients."
    hands.click(question.button(QMessageBox.StandardButton.Yes))
    assert "may not see" in hands.message().text()
    assert QApplication.clipboard().text() == ""


# --- as a file and on paper -------------------------------------------------------------------------------------------


def answered(hands: Hands, button: QMessageBox.StandardButton) -> str:
    """Answer the question whether it is meant; what it said."""
    box = hands.screen.reports.taking.question
    assert box is not None
    hands.until(box.isVisible)
    words = f"{box.text()} {box.informativeText()}"
    hands.click(box.button(button))
    return words


def saved(hands: Hands, path: Path) -> None:
    """Press Save as PDF, and choose this file."""
    hands.click(hands.screen.patients.story.pdf_button)
    chooser = hands.screen.reports.taking.chooser
    hands.until(chooser.isVisible)
    assert chooser.selectedFiles()[0].endswith("patient-story-no-1.pdf"), "a name that names nobody"
    chooser.fileSelected.emit(str(path))
    chooser.reject()


def test_it_is_saved_whole_with_whose_it_is_on_every_page(staged: Staged, qtbot: QtBot, tmp_path: Path):
    story = a_story()
    run = story.runs[0]
    staged.viewer.told = replace(story, runs=(replace(run, events=run.events * 12),))
    hands = patient_story(staged, qtbot)
    path = tmp_path / "story.pdf"
    saved(hands, path)
    words = answered(hands, YES)
    assert "names 1 patient" in words
    assert f"It is written to {path}" in words
    assert "You, Alison Marsh, answer" in words
    assert hands.message().text() == "story.pdf is written, with 1 patient. It names patients: keep it safe."
    assert staged.stories.taken == [(1, str(path))]
    pdf = Pdf(path)
    model = hands.screen.patients.story.model
    assert len(pdf) > 1
    for page in range(len(pdf)):
        text = " ".join(pdf.lines(page))
        assert model.name in text
        assert model.facts[0][1] in text
        assert f"Page {page + 1} of {len(pdf)}" in text
        assert "Confidential" in text
        assert "REHEARSAL" in text
    everything = "".join("".join(pdf.all_lines()).split())
    for part in (model.runs[0].decision, *(event.details for event in model.runs[0].events), *model.notes):
        assert "".join(part.split()) in everything, part
    pdf.close()
    assert model.name.split(",")[0].encode() not in path.read_bytes().split(b"stream")[0]


def test_it_is_printed(staged: Staged, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: ["Front desk"])
    hands = patient_story(staged, qtbot)
    hands.click(hands.screen.patients.story.print_button)
    chooser = hands.screen.reports.taking.chooser
    hands.until(chooser.isVisible)
    # A printer of paper cannot be read back.
    chooser.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    chooser.printer().setOutputFileName(str(tmp_path / "paper.pdf"))
    chooser.accepted.emit(chooser.printer())
    chooser.reject()
    assert "printed on paper.pdf" in answered(hands, YES)
    assert hands.message().text() == "1 patient was sent to paper.pdf. Fetch the pages now."
    pdf = Pdf(tmp_path / "paper.pdf")
    assert hands.screen.patients.story.model.name in " ".join(pdf.all_lines())
    pdf.close()


def test_no_saves_nothing_and_notes_nothing(staged: Staged, qtbot: QtBot, tmp_path: Path):
    hands = patient_story(staged, qtbot)
    saved(hands, tmp_path / "story.pdf")
    answered(hands, NO)
    assert staged.stories.taken == []
    assert not (tmp_path / "story.pdf").exists()


def test_a_card_taken_out_before_the_answer_saves_nothing(staged: Staged, qtbot: QtBot, tmp_path: Path):
    hands = patient_story(staged, qtbot)
    saved(hands, tmp_path / "story.pdf")
    staged.reader.remove_card()
    answered(hands, YES)
    assert "Nobody is signed in" in hands.message().text()
    assert staged.stories.taken == []
    hands.screen.patients.on_look()
    assert not hands.screen.patients.story.pdf_button.isEnabled()
    assert not hands.screen.patients.story.print_button.isEnabled()
