"""Reports through the window: seen, asked about, saved, printed, given up; with the real engine and over fakes."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.outcomes import ItemState
from app.domain.states import RunStatus
from app.engine.rows import Counts
from app.engine.run_lists import LISTS
from app.ui.help.topics import REPORTS
from app.ui.reports.words import NO_PRINTER
from tests.ui.conftest import Real, Staged
from tests.ui.fakes import run_view
from tests.ui.hands import Hands, is_visible
from tests.ui.history.fake_history import FakeHistory
from tests.ui.history.history_states import history_run
from tests.ui.reports.pdf import Pdf
from tests.ui.reports.report_states import reports as among_the_reports
from tests.ui.staging import DONE, opened

YES, NO, OK = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No, QMessageBox.StandardButton.Ok


def choose_report(hands: Hands, title: str) -> None:
    """Choose a report as somebody does with the keyboard, and wait for its patients."""
    page = hands.screen.reports.page
    page.report.setFocus()
    page.report.setCurrentIndex(page.report.findText(title))
    page.report.activated.emit(page.report.currentIndex())
    hands.until(lambda: page.browser.query.source.definition.title == title and page.browser.table.rowCount() > 0)


def answer(hands: Hands, button: QMessageBox.StandardButton) -> str:
    """Answer the question whether it is meant; what it said."""
    box = hands.screen.reports.taking.question
    assert box is not None
    hands.until(box.isVisible)
    words = f"{box.text()} {box.informativeText()}"
    hands.click(box.button(button))
    hands.until(lambda: not is_visible(box))
    return words


def save(hands: Hands, button: object, path: Path) -> str:
    """Press a button, choose this file, mean it, and wait until it is there; what was said at last."""
    hands.click(button)
    chooser = hands.screen.reports.taking.chooser
    hands.until(chooser.isVisible)
    chooser.fileSelected.emit(str(path))
    chooser.reject()
    answer(hands, YES)
    box = hands.message()
    words = box.text()
    hands.answer(OK)
    return words


@pytest.fixture
def done(real: Callable[..., Real], qtbot: QtBot) -> tuple[Real, Hands]:
    """Somebody has run the migration to its end, and opens the reports."""
    opened = real()
    hands = Hands(opened.screen, qtbot)
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.answer(OK)
    hands.until_page(hands.middle.results)
    hands.screen.reports_menu.lists_entry.trigger()
    hands.until_page(hands.screen.reports.page)
    hands.until(hands.screen.reports.page.csv_button.isEnabled)
    return opened, hands


def test_a_list_is_seen_saved_both_ways_and_printed(
    done: tuple[Real, Hands], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: ["Front desk"])
    real, hands = done
    page = hands.screen.reports.page
    choose_report(hands, "Failed")
    run = real.product.queries.latest_run(real.product.family.key)
    failed = run.counts.failed
    assert page.patients == failed > 0
    told = save(hands, page.csv_button, tmp_path / "failed.csv")
    assert told == f"failed.csv is written, with {failed} patients. It names patients: keep it safe."
    with (tmp_path / "failed.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == failed
    assert {row["outcome"] for row in rows} == {"failed"}
    told = save(hands, page.pdf_button, tmp_path / "failed.pdf")
    assert told.startswith("failed.pdf is written")
    assert numbers_in(tmp_path / "failed.pdf") == sorted(row["nhs_number"] for row in rows if row["nhs_number"])
    hands.click(page.print_button)
    chooser = hands.screen.reports.taking.chooser
    hands.until(chooser.isVisible)
    # A printer of paper cannot be read back.
    chooser.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    chooser.printer().setOutputFileName(str(tmp_path / "paper.pdf"))
    chooser.accepted.emit(chooser.printer())
    chooser.reject()
    assert "printed on paper.pdf" in answer(hands, YES)
    assert hands.message().text() == f"{failed} patients were sent to paper.pdf. Fetch the pages now."
    hands.answer(OK)
    assert numbers_in(tmp_path / "paper.pdf") == numbers_in(tmp_path / "failed.pdf")


def numbers_in(path: Path) -> list[str]:
    """The NHS numbers on the pages of a file, without their spaces."""
    pdf = Pdf(path)
    found = re.findall(r"\d{3} \d{3} \d{4}", "\n".join(pdf.all_lines()))
    pdf.close()
    return sorted(number.replace(" ", "") for number in found)


def test_a_patient_opens_over_the_reports_and_leads_back_to_them(done: tuple[Real, Hands]):
    _, hands = done
    choose_report(hands, "Sent")
    page, story = hands.screen.reports.page, hands.screen.patients.story
    hands.click(page.open_button)
    hands.until_page(story)
    hands.click(story.leave_button)
    hands.until_page(page)
    assert page.report.currentText() == "Sent"
    hands.click(page.leave_button)
    hands.until_page(hands.middle.results)


# --- which run --------------------------------------------------------------------------------------------------------


def choose_run(hands: Hands, run_id: int) -> None:
    """Choose a run as somebody does with the keyboard, and wait for its patients."""
    page = hands.screen.reports.page
    page.run.setFocus()
    hands.until(lambda: page.run.findData(run_id) >= 0)
    page.run.setCurrentIndex(page.run.findData(run_id))
    page.run.activated.emit(page.run.currentIndex())
    hands.until(lambda: page.browser.query is not None and page.browser.query.source.run_id == run_id)


def test_the_lists_of_an_earlier_run_are_seen_and_taken(done: tuple[Real, Hands], tmp_path: Path):
    real, hands = done
    page, history = hands.screen.reports.page, real.product.history
    hands.click(page.leave_button)
    hands.click(hands.middle.results.leave_button)
    hands.press(Action.RERUN)
    hands.click(hands.middle.options.ok_button)
    hands.message()
    hands.answer(OK)
    hands.until_page(hands.middle.results)
    hands.screen.reports_menu.lists_entry.trigger()
    hands.until(page.csv_button.isEnabled)
    assert page.about.text().startswith("The latest run: Consent Migration, run 2, begun ")
    choose_run(hands, 1)
    assert page.about.text().startswith("NOT the latest run: Consent Migration, run 1, begun ")
    assert page.run.accessibleDescription() == page.about.text()
    choose_report(hands, "Implied consent added")
    first = history.run(1).run.counts
    hands.until(page.csv_button.isEnabled)
    assert page.patients > 0, "what the first run added the second found there"
    assert hands.screen.reports.taking.chooser is None
    save(hands, page.csv_button, tmp_path / "added.csv")
    with (tmp_path / "added.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == page.patients <= first.total
    choose_run(hands, 2)
    hands.until(page.csv_button.isEnabled)
    assert page.patients == 0


def test_the_reports_of_a_run_that_is_looked_back_on(staged: Staged, qtbot: QtBot):
    """From the history by keyboard, and back to where one came from."""
    hands = history_run(staged, qtbot)
    run, page = hands.screen.history.run, hands.screen.reports.page
    shown = hands.screen.history.runs.chosen.run_id
    staged.practice.run_view = replace(run_view(RunStatus.COMPLETED, DONE), run_id=shown)
    run.reports_button.setFocus()
    hands.until_focus(run.reports_button)
    hands.key(Qt.Key.Key_Space)
    hands.until_page(page)
    hands.until(page.csv_button.isEnabled)
    assert page.browser.query.source.run_id == shown
    assert page.chosen_run.run_id == shown
    hands.click(page.leave_button)
    hands.until_page(run)
    hands.click(run.leave_button)
    hands.until_page(hands.screen.history.runs)


def test_of_a_run_that_waits_for_its_time_it_says_so(staged: Staged, qtbot: QtBot):
    hands = among_the_reports(staged, qtbot)
    waits = replace(run_view(RunStatus.SCHEDULED, Counts()), run_id=7, started_at=None, last_begun_at=None)
    staged.practice.run_view = waits
    hands.screen.reports.show()
    assert "waits for its time" in hands.screen.reports.page.about.text()


def test_a_run_that_never_began_cannot_be_chosen(staged: Staged, qtbot: QtBot):
    history = FakeHistory()
    never = replace(history.views[0], run_id=3, status=RunStatus.ABANDONED, started_at=None, counts=Counts())
    history.views = [never, *history.views]
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = opened(staged, qtbot, history=history)
    hands.screen.reports_menu.lists_entry.trigger()
    page = hands.screen.reports.page
    hands.until(lambda: page.run.count() > 1)
    assert [page.run.itemData(at) for at in range(page.run.count())] == [2, 1]


def test_a_run_that_begins_meanwhile_is_the_latest(staged: Staged, qtbot: QtBot):
    hands = among_the_reports(staged, qtbot)
    page = hands.screen.reports.page
    hands.until(lambda: page.run.count() > 1)
    assert page.about.text().startswith("The latest run")
    staged.practice.run_view = replace(run_view(RunStatus.COMPLETED, DONE), run_id=3)
    hands.screen.runs.refresh()
    hands.until(lambda: page.about.text().startswith("NOT the latest run"))
    assert page.chosen_run.run_id == 2


def test_every_list_can_be_chosen(staged: Staged, qtbot: QtBot):
    hands = among_the_reports(staged, qtbot)
    report = hands.screen.reports.page.report
    assert [report.itemText(at) for at in range(report.count())] == [one.title for one in LISTS.values()]


# --- what may go otherwise --------------------------------------------------------------------------------------------


def wanted_pdf(staged: Staged, qtbot: QtBot, path: str) -> Hands:
    """Save as PDF was pressed, and a file chosen."""
    hands = among_the_reports(staged, qtbot)
    hands.click(hands.screen.reports.page.pdf_button)
    chooser = hands.screen.reports.taking.chooser
    assert chooser.selectedFiles()[0].endswith("failed-run-2.pdf")
    chooser.fileSelected.emit(path)
    chooser.reject()
    return hands


def test_the_question_names_what_leaves_where_it_goes_and_who_answers(staged: Staged, qtbot: QtBot):
    hands = wanted_pdf(staged, qtbot, "/home/alison/failed.pdf")
    words = answer(hands, NO)
    for wanted in (
        "250 patients",
        "/home/alison/failed.pdf",
        "You, Alison Marsh, answer for where it is kept",
        "NHS number",
        "audit trail",
    ):
        assert wanted in words
    assert staged.reports.taken == []
    assert hands.screen.reports.taking.sheet is None


def test_a_taking_can_be_given_up_and_the_window_goes_on(staged: Staged, qtbot: QtBot):
    hands = wanted_pdf(staged, qtbot, "/home/alison/failed.pdf")
    staged.reports.may_go_on.clear()
    answer(hands, YES)
    sheet = hands.screen.reports.taking.sheet
    hands.until(lambda: "12 %" in sheet.bar.numbers.text())
    hands.click(sheet.cancel_button)
    hands.until(lambda: hands.screen.reports.taking.sheet is None)
    assert staged.reports.taken == []
    assert hands.screen.messages.box is None
    assert hands.screen.reports.page.pdf_button.isEnabled()


def test_without_a_card_nothing_is_even_asked(staged: Staged, qtbot: QtBot):
    hands = among_the_reports(staged, qtbot)
    staged.reader.remove_card()
    hands.click(hands.screen.reports.page.csv_button)
    assert "Nobody is signed in" in hands.message().text()
    assert hands.screen.reports.taking.chooser is None


def test_a_card_taken_out_before_the_answer_is_told(staged: Staged, qtbot: QtBot):
    hands = wanted_pdf(staged, qtbot, "/home/alison/failed.pdf")
    staged.reader.remove_card()
    answer(hands, YES)
    assert "Nobody is signed in" in hands.message().text()
    assert staged.reports.taken == []


def test_names_go_from_the_reports_with_the_card(staged: Staged, qtbot: QtBot):
    hands = among_the_reports(staged, qtbot)
    browser = hands.screen.reports.page.browser
    staged.reader.remove_card()
    hands.screen.patients.on_look()
    hands.until(browser.sign_in_button.isVisible)
    assert browser.table.rowCount() == 0
    assert "Abdi" not in browser.chosen.texts[0].text()


def test_a_computer_without_a_printer_says_so(staged: Staged, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", list)
    hands = among_the_reports(staged, qtbot)
    hands.click(hands.screen.reports.page.print_button)
    assert hands.message().text() == NO_PRINTER


def test_before_the_first_run_there_is_nothing_to_report(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.screen.reports_menu.lists_entry.trigger()
    assert "has not been run yet" in hands.message().text()


def test_f1_leads_to_the_page_about_reports_and_elsewhere_as_before(staged: Staged, qtbot: QtBot):
    hands = among_the_reports(staged, qtbot)
    hands.window.help_menu.actions()[0].trigger()
    assert hands.screen.help.window.view.key == REPORTS
    hands.click(hands.screen.reports.page.leave_button)
    hands.window.help_menu.actions()[0].trigger()
    assert hands.screen.help.window.view.key == "actions"


def test_the_counters_lists_are_not_the_reports_page(staged: Staged, qtbot: QtBot):
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = among_the_reports(staged, qtbot)
    hands.screen.patients.show_counter(ItemState.FAILED)
    hands.until_page(hands.screen.patients.list)
    assert not hands.screen.reports.page.isVisible()
