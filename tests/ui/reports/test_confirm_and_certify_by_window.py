"""Confirm dissents and the go-live certificate through the window: with the real engine, and over fakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.outcomes import ItemState, Reason
from app.domain.read_back import ReadBack
from app.domain.states import StopReason
from app.engine.certificate import OutcomeCount
from app.engine.certificate_words import REHEARSAL, TITLE
from app.ui.reports.certificate_pages import draw_certificate
from tests.ui.conftest import Real, Staged
from tests.ui.fakes import a_certificate, a_confirmation
from tests.ui.hands import Hands, is_visible
from tests.ui.reports.pdf import Pdf
from tests.ui.reports.report_states import certificate, confirm_done, confirm_gone, confirm_never, confirm_working

YES, OK = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Ok
A4_UPRIGHT = (595, 842)


def answer(hands: Hands, button: QMessageBox.StandardButton) -> str:
    """Answer the question whether it is meant; what it said."""
    box = hands.screen.reports.taking.question
    hands.until(box.isVisible)
    words = f"{box.text()} {box.informativeText()}"
    hands.click(box.button(button))
    hands.until(lambda: not is_visible(box))
    return words


def text_of(path: Path) -> str:
    pdf = Pdf(path)
    assert (len(pdf), pdf.size) == (1, A4_UPRIGHT)
    words = " ".join(pdf.lines(0))
    pdf.close()
    return words


def test_a_run_is_read_back_and_certified(real: Callable[..., Real], qtbot: QtBot, tmp_path: Path):
    opened = real()
    hands = Hands(opened.screen, qtbot)
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.answer(OK)
    before = len(opened.spine.history())
    hands.screen.reports_menu.confirm_entry.trigger()
    sheet = hands.screen.reports.confirming.sheet
    hands.until(sheet.confirm_button.isEnabled)
    hands.click(sheet.confirm_button)
    hands.until(lambda: "are on the Spine." in sheet.notice.words)
    dissents = opened.product.confirmations.latest().dissents
    assert sheet.notice.words == f"{dissents} dissents are on the Spine."
    asked = [one for one in opened.spine.history()[before:] if one["nhs_number"]]
    assert {one["method"] for one in asked} == {"GET"}
    assert len(asked) == dissents > 0
    hands.click(sheet.close_button)
    hands.screen.reports_menu.certificate_entry.trigger()
    hands.until(lambda: hands.screen.reports.certificate.sheet is not None)
    page = hands.screen.reports.certificate.sheet
    assert f"The dissents were read back from the Spine: {dissents} of {dissents} are there." in page.page.toPlainText()
    hands.click(page.pdf_button)
    chooser = hands.screen.reports.taking.chooser
    chooser.fileSelected.emit(str(tmp_path / "certificate.pdf"))
    chooser.reject()
    assert "it names no patient" in answer(hands, YES)
    assert hands.message().text() == "certificate.pdf is written."
    hands.answer(OK)
    words = text_of(tmp_path / "certificate.pdf")
    assert TITLE in words
    assert REHEARSAL in words
    assert f"{dissents} dissents are on the Spine." in words
    assert page.certificate.figures.seal in words


# --- confirm dissents -------------------------------------------------------------------------------------------------


def sheet_of(hands: Hands):
    return hands.screen.reports.confirming.sheet


def test_dissents_that_are_gone_stand_first_with_what_to_do_and_who_they_are(staged: Staged, qtbot: QtBot):
    hands = confirm_gone(staged, qtbot)
    sheet = sheet_of(hands)
    assert sheet.notice.words == "2 dissents are NOT on the Spine."
    assert sheet.when.text() == "Read back from 24/11/2026 16:29 to 16:31 by Alison Marsh on FRONT-DESK."
    first = sheet.sentences.words.splitlines()[0]
    assert first.startswith("2 dissents are NOT on the Spine")
    assert "press Rerun with that group" in first
    assert sheet.names.words.splitlines()[0] == "Clarke, Ann, NHS number 999 000 0002: the Spine says Ask"
    assert "Ellis, Ann, NHS number 999 000 0004: PDS mismatch" in sheet.names.words


def test_they_are_kept_as_a_group_from_there(staged: Staged, qtbot: QtBot):
    hands = confirm_gone(staged, qtbot)
    hands.click(sheet_of(hands).group_button)
    hands.until(lambda: hands.screen.patients.group_changes.sheet is not None)
    assert sheet_of(hands) is None


def test_nothing_is_offered_as_a_group_where_nobody_is_gone(staged: Staged, qtbot: QtBot):
    hands = confirm_done(staged, qtbot)
    assert not sheet_of(hands).group_button.isVisible()
    assert sheet_of(hands).notice.words == "117 dissents are on the Spine."
    assert not sheet_of(hands).names_heading.isVisible()


def test_names_go_with_the_card_and_the_numbers_stay(staged: Staged, qtbot: QtBot):
    hands = confirm_gone(staged, qtbot)
    sheet = sheet_of(hands)
    staged.reader.remove_card()
    hands.screen.reports.confirming.on_look()
    assert sheet.names.words == ""
    hands.until(lambda: not sheet.confirm_button.isEnabled())
    assert "Clarke" not in sheet.names.words
    assert "whose card allows" in sheet.names_heading.text()
    assert sheet.notice.words == "2 dissents are NOT on the Spine."


def test_stop_keeps_what_was_found(staged: Staged, qtbot: QtBot):
    hands = confirm_working(staged, qtbot)
    work = hands.screen.reports.confirming.work
    assert work.cancel_button.text() == "Stop"
    hands.click(work.cancel_button)
    hands.until(lambda: sheet_of(hands).notice.words == "Not all dissents were read back: 40 of 117.")
    assert "77 dissents were not come to." in sheet_of(hands).sentences.words


def test_what_a_new_pass_finds_is_shown(staged: Staged, qtbot: QtBot):
    staged.confirmer.next_found = a_confirmation({ReadBack.STILL_NO: 100, ReadBack.NOT_TOLD: 17})
    hands = confirm_never(staged, qtbot)
    hands.click(sheet_of(hands).confirm_button)
    hands.until(lambda: "17 dissents the Spine does not tell" in sheet_of(hands).sentences.words)
    assert sheet_of(hands).notice.words == "100 dissents are on the Spine; of others it tells nothing."


def test_with_nothing_to_read_back_it_says_so(staged: Staged, qtbot: QtBot):
    staged.confirmer.dissents = 0
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.screen.reports_menu.confirm_entry.trigger()
    hands.until(lambda: "nothing to confirm" in sheet_of(hands).confirm_button.toolTip())
    assert not sheet_of(hands).confirm_button.isEnabled()


def test_an_unexpected_end_is_told_with_its_reason(staged: Staged, qtbot: QtBot):
    staged.confirmer.held = a_confirmation({ReadBack.STILL_NO: 3}, reason=StopReason.CARD_REMOVED)
    hands = confirm_never(staged, qtbot)
    assert "114 dissents were not come to." in sheet_of(hands).sentences.words
    assert "Smartcard" in sheet_of(hands).sentences.words


# --- the certificate --------------------------------------------------------------------------------------------------


def test_the_certificate_is_looked_at_before_it_leaves(staged: Staged, qtbot: QtBot):
    hands = certificate(staged, qtbot)
    shown = hands.screen.reports.certificate.sheet.page.toPlainText()
    for wanted in ("NOT COMPLETE.", "10,387", "Dissents not sent: 2", "117 dissents are on the Spine.", "Run 1"):
        assert wanted in shown
    assert staged.certificates.taken == []


def test_the_certificate_is_printed_on_one_page(
    staged: Staged, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: ["Front desk"])
    hands = certificate(staged, qtbot)
    hands.click(hands.screen.reports.certificate.sheet.print_button)
    chooser = hands.screen.reports.taking.chooser
    chooser.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    chooser.printer().setOutputFileName(str(tmp_path / "paper.pdf"))
    chooser.accepted.emit(chooser.printer())
    chooser.reject()
    answer(hands, YES)
    assert hands.message().text() == "The certificate was sent to paper.pdf."
    assert "Active patients 10,387" in text_of(tmp_path / "paper.pdf")
    assert staged.certificates.taken == ["paper.pdf"]


def test_without_a_card_there_is_no_certificate(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.screen.reports_menu.certificate_entry.trigger()
    assert "Nobody is signed in" in hands.message().text()


def test_the_longest_certificate_still_is_one_page(qapp: object, tmp_path: Path):
    made = a_certificate()
    outcomes = tuple(
        OutcomeCount(state, reason, 100_000)
        for state in (ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED)
        for reason in list(Reason)[:16]
    )
    runs = tuple(replace(made.figures.runs[0], run_id=at, group="Long group name " * 4) for at in range(40, 0, -1))
    draw_certificate(replace(made, figures=replace(made.figures, outcomes=outcomes, runs=runs)), tmp_path / "long.pdf")
    words = text_of(tmp_path / "long.pdf")
    assert "And 34 earlier runs, which count too." in words
    assert "Signed:" in words


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such disk here")
def test_a_full_disk_is_an_error_here_too(qapp: object):
    with pytest.raises(OSError, match="No space left"):
        draw_certificate(a_certificate(), Path("/dev/full"))
