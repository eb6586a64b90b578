"""The window in every state of a preview, staged over fakes; they are among the states of the window."""

from __future__ import annotations

from datetime import timedelta

from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.preview import Depth
from app.engine.preview_compare import Comparison, Difference
from app.engine.rows import Counts
from tests.ui.conftest import Staged
from tests.ui.fakes import run_view
from tests.ui.hands import Hands
from tests.ui.preview.fakes import COUNTS, FakePreviews, a_preview, run_for_everyone


def preview_asking(staged: Staged, qtbot: QtBot, previews: FakePreviews | None = None, **changes: object) -> Hands:
    staged.reader.begin(ago=timedelta(hours=3, minutes=48))
    hands = Hands(staged.open(previews=previews or FakePreviews(), **changes), qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.preview_button)
    hands.until_page(hands.screen.preview.page)
    return hands


def preview_signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    hands = Hands(staged.open(previews=FakePreviews(a_preview(run_for_everyone(Depth.RECORDS)))), qtbot)
    hands.click(hands.middle.choose.preview_button)
    hands.until_page(hands.screen.preview.page)
    return hands


def preview_working(staged: Staged, qtbot: QtBot) -> Hands:
    hands = preview_asking(staged, qtbot, FakePreviews(waits=True))
    hands.click(hands.screen.preview.page.spine_button)
    hands.until(lambda: "looked at" in hands.screen.preview.page.doing.text())
    return hands


def preview_found(staged: Staged, qtbot: QtBot) -> Hands:
    hands = preview_asking(staged, qtbot)
    hands.click(hands.screen.preview.page.spine_button)
    hands.until(hands.screen.preview.page.press_button.isVisible)
    return hands


def preview_short(staged: Staged, qtbot: QtBot) -> Hands:
    previews = FakePreviews()
    previews.stopped_by = StopReason.CARD_EXPIRED
    hands = preview_asking(staged, qtbot, previews)
    hands.click(hands.screen.preview.page.spine_button)
    hands.until(hands.screen.preview.page.go_on_button.isVisible)
    return hands


def preview_list(staged: Staged, qtbot: QtBot) -> Hands:
    hands = preview_found(staged, qtbot)
    hands.click(hands.screen.preview.page.not_sent_button)
    hands.until(hands.screen.preview.list.open_button.isEnabled)
    hands.until_focus(hands.screen.preview.list.browser.view)
    return hands


def results_otherwise(staged: Staged, qtbot: QtBot) -> Hands:
    """A run that did not come in every way as foreseen."""
    compared = Comparison(10_370, {Difference.REFUSED: 12, Difference.RECORD_CHANGED: 4, Difference.JOINED: 1})
    done = Counts(sent=COUNTS.sent - 12, failed=COUNTS.failed + 12, not_required=COUNTS.not_required)
    staged.practice.run_view = run_view(RunStatus.COMPLETED, done)
    staged.reader.begin(ago=timedelta(hours=3, minutes=48))
    previews = FakePreviews(a_preview(run_for_everyone()))
    hands = Hands(staged.open(previews=previews, compare=lambda: compared), qtbot)
    hands.screen.runs.show_results()
    hands.until(hands.middle.results.foreseen.isVisible)
    return hands


PREVIEW_STATES = (
    preview_asking,
    preview_signed_out,
    preview_working,
    preview_found,
    preview_short,
    preview_list,
    results_otherwise,
)
