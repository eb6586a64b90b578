"""Looking back after real runs, with engine, database and a simulated Spine: the pages beside the plain rows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from tests.helpers.seeded import rows_of
from tests.helpers.tampering import without_triggers
from tests.ui.conftest import Real
from tests.ui.hands import Hands
from tests.ui.history.test_history_pages import cell


def database_of(real: Real):
    """The product's own database, for looks past the program."""
    return real.product.history._database


def migrated(hands: Hands, action: Action) -> None:
    hands.press(action)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.message()
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)
    hands.click(hands.middle.results.leave_button)


def test_two_runs_their_difference_and_a_trail_that_is_broken(real: Callable[..., Real], qtbot: QtBot):
    opened = real()
    hands = Hands(opened.screen, qtbot)
    hands.signed_in()
    migrated(hands, Action.RUN)
    migrated(hands, Action.RERUN)
    database, history = database_of(opened), hands.screen.history

    hands.screen.history_menu.runs_entry.trigger()
    hands.until(lambda: history.runs.chosen is not None)
    for row, run_id in enumerate((2, 1)):
        counted = rows_of(database, f"SELECT count(*) AS n FROM item WHERE run_id = {run_id} AND state = 'sent'")
        assert cell(history.runs.view, row, "Sent") == f"{counted[0]['n']:,}"
    hands.click(history.runs.open_button)
    hands.until(lambda: history.run.chosen is not None)
    hands.until(lambda: history.run.chart.accessibleDescription().startswith("After"))
    assert cell(history.run.view, 0, "How it ended") == "Completed"

    hands.screen.history_menu.compare_entry.trigger()
    hands.until(history.compare.view.isVisible)
    pairs = rows_of(
        database,
        "SELECT count(*) AS n FROM item a JOIN item b ON a.patient_id = b.patient_id "
        "WHERE a.run_id = 1 AND b.run_id = 2 AND (a.state <> b.state OR a.reason <> b.reason) "
        "GROUP BY a.state, a.reason, b.state, b.reason ORDER BY n DESC",
    )
    assert [group.patients for group in history.compare.compared.differences] == [pair["n"] for pair in pairs]
    hands.click(history.compare.open_button)
    hands.until(lambda: hands.screen.patients.list.browser.found == pairs[0]["n"])

    hands.screen.history_menu.trail_entry.trigger()
    hands.until(lambda: history.trail.chosen is not None)
    hands.click(history.trail.verify_button)
    hands.until(history.trail.verdict.isVisible)
    [numbers] = rows_of(database, "SELECT count(*) AS n, min(number) AS first FROM audit_event")
    assert history.trail.verdict.words == f"The audit trail is whole: {numbers['n']:,} events, each as it was written."
    without_triggers(
        database,
        lambda connection: connection.exec_driver_sql(
            "UPDATE audit_event SET detail = replace(detail, '1', '2') WHERE number = 12"
        ),
    )
    changed = rows_of(database, "SELECT detail FROM audit_event WHERE number = 12")
    assert changed
    hands.click(history.trail.verify_button)
    hands.until(lambda: "broken from event 12 on" in history.trail.verdict.words)
