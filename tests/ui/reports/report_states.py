"""The window over reports, dissents read back, and the certificate."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.domain.outcomes import Reason
from app.domain.read_back import ReadBack
from app.domain.states import RunStatus
from tests.ui.conftest import Staged
from tests.ui.fakes import a_confirmation, a_named_finding, run_view
from tests.ui.hands import Hands
from tests.ui.staging import DONE, State, opened


def reports(staged: Staged, qtbot: QtBot) -> Hands:
    """The failed patients of the second run, among the reports."""
    staged.practice.run_view = replace(run_view(RunStatus.COMPLETED, DONE), run_id=2)
    hands = opened(staged, qtbot)
    page = hands.screen.reports.page
    page.report.setCurrentIndex(page.report.findText("Failed"))
    hands.screen.reports_menu.lists_entry.trigger()
    hands.until(page.csv_button.isEnabled)
    hands.until(page.open_button.isEnabled)
    return hands


def report_question(staged: Staged, qtbot: QtBot) -> Hands:
    hands = reports(staged, qtbot)
    hands.click(hands.screen.reports.page.pdf_button)
    hands.screen.reports.taking.chooser.reject()
    hands.screen.reports.taking.on_file_chosen("C:/Users/alison.marsh/Documents/failed-run-2.pdf")
    hands.until(hands.screen.reports.taking.question.isVisible)
    return hands


def confirm_never(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = opened(staged, qtbot)
    hands.screen.reports_menu.confirm_entry.trigger()
    hands.until(hands.screen.reports.confirming.sheet.confirm_button.isEnabled)
    return hands


def confirm_done(staged: Staged, qtbot: QtBot) -> Hands:
    staged.confirmer.held = a_confirmation({ReadBack.STILL_NO: 117})
    return confirm_never(staged, qtbot)


def confirm_gone(staged: Staged, qtbot: QtBot) -> Hands:
    """Two dissents are not on the Spine any more, and one could not be read."""
    found = {ReadBack.STILL_NO: 114, ReadBack.OTHERWISE: 2, ReadBack.NOT_READ: 1}
    staged.confirmer.held = a_confirmation(found)
    staged.confirmer.names = {
        ReadBack.OTHERWISE: [a_named_finding(at, ReadBack.OTHERWISE) for at in (2, 6)],
        ReadBack.NOT_READ: [a_named_finding(4, ReadBack.NOT_READ, Reason.PDS_MISMATCH)],
    }
    return confirm_never(staged, qtbot)


def confirm_working(staged: Staged, qtbot: QtBot) -> Hands:
    staged.confirmer.may_go_on.clear()
    hands = confirm_never(staged, qtbot)
    hands.click(hands.screen.reports.confirming.sheet.confirm_button)
    hands.until(lambda: "34 %" in hands.screen.reports.confirming.work.bar.numbers.text())
    return hands


def certificate(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = opened(staged, qtbot)
    hands.screen.reports_menu.certificate_entry.trigger()
    hands.until(lambda: hands.screen.reports.certificate.sheet is not None)
    hands.until(hands.screen.reports.certificate.sheet.pdf_button.isVisible)
    return hands


REPORT_STATES: tuple[State, ...] = (
    reports,
    report_question,
    confirm_never,
    confirm_done,
    confirm_gone,
    confirm_working,
    certificate,
)
