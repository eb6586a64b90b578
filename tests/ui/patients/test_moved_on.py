"""A list under a run that goes on: what is said of it, and that nobody loses their place (screen, 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.outcomes import ItemState
from app.engine.lists import ListQuery, OfRun, OfWorklist, ReasonCount
from app.engine.paging import Mark
from app.engine.patient_line import PatientLine
from app.engine.rows import Counts
from app.engine.run_lists import COUNTER_LISTS, LISTS
from app.ui.patients.browser import PatientBrowser
from app.ui.patients.moved_on import moved_on_words, number_on
from tests.ui.patients.fake_lists import FakeViewer, line

THEN = Counts(unprocessed=90, sending=2, sent=5, failed=3, not_required=0)
NOW = Counts(unprocessed=80, sending=2, sent=9, failed=3, not_required=6)
AGAIN = "Refresh (F5) reads the list anew."


# --- the words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "number"), [(ItemState.UNPROCESSED, 80), (ItemState.SENT, 9), (ItemState.NOT_REQUIRED, 6)]
)
def test_a_counters_list_says_how_many_there_are_by_now(state, number):
    definition = COUNTER_LISTS[state]
    assert number_on(definition, NOW) == number
    then = number_on(definition, THEN)
    assert moved_on_words(definition, then, THEN, NOW) == f"{number} patients by now. {AGAIN}"
    assert moved_on_words(definition, number, THEN, NOW) == ""


def test_a_counter_that_stands_still_has_the_same_patients():
    assert moved_on_words(COUNTER_LISTS[ItemState.FAILED], 3, THEN, NOW) == ""


def test_who_is_sending_changes_without_the_number_changing():
    sending = COUNTER_LISTS[ItemState.SENDING]
    assert moved_on_words(sending, 2, THEN, NOW) == f"The run has gone on since. {AGAIN}"
    assert moved_on_words(sending, 2, NOW, NOW) == ""


@pytest.mark.parametrize("key", ["outcomes", "mismatch", "implied-consent-added", "dissent-not-sent"])
def test_a_list_that_the_counters_do_not_tell_of_says_that_the_run_has_gone_on(key):
    assert number_on(LISTS[key], NOW) is None
    assert moved_on_words(LISTS[key], 7, THEN, NOW) == f"The run has gone on since. {AGAIN}"
    assert moved_on_words(LISTS[key], 7, NOW, NOW) == ""


# --- the list ---------------------------------------------------------------------------------------------------------


class Growing(FakeViewer):
    """A list that grows at its beginning: `before` patients have come in ahead of those that were there."""

    before = 0

    def count(self, query: ListQuery) -> int:
        return super().count(query) + self.before

    def reasons(self, source: OfRun | OfWorklist) -> list[ReasonCount]:
        return [*super().reasons(source), ReasonCount(ItemState.SENT, None, self.before)]

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        assert after is None
        self.reads.append((query, after, skip, limit))
        new = [replace(line(9_000 + at), patient_id=9_000 + at) for at in range(self.before)]
        return [*new, *(line(at) for at in range(self.total))][skip : skip + limit]


SENT = OfRun(1, COUNTER_LISTS[ItemState.SENT])


@pytest.fixture
def listed(qtbot: QtBot) -> Iterator[Callable[[int], tuple[Growing, PatientBrowser]]]:
    opened: list[PatientBrowser] = []

    def show(total: int) -> tuple[Growing, PatientBrowser]:
        viewer = Growing(total=total)
        browser = PatientBrowser(viewer)
        qtbot.addWidget(browser)
        browser.resize(800, 500)
        browser.show()
        opened.append(browser)
        browser.show_run(1, replace(THEN, sent=total))
        with qtbot.waitSignal(browser.counted):
            browser.show_list(SENT)
        return viewer, browser

    yield show
    for browser in opened:
        assert browser.table.wait(30)


def test_a_list_that_was_overtaken_says_so_and_stays_as_it_is(listed, qtbot: QtBot):
    viewer, browser = listed(5)
    assert browser.moved.text() == ""
    reads = len(viewer.reads)
    browser.show_run(1, replace(THEN, sent=9))
    assert browser.moved.text() == f"9 patients by now. {AGAIN}"
    assert browser.view.accessibleDescription() == f"5 patients 9 patients by now. {AGAIN}"
    assert not browser.table.is_reading
    assert browser.table.rowCount() == 5
    assert len(viewer.reads) == reads
    browser.show_run(2, replace(THEN, sent=40))
    assert browser.moved.text() == "", "another run is no news of this one"


def test_reading_it_anew_keeps_whoever_was_chosen(listed, qtbot: QtBot):
    viewer, browser = listed(30)
    browser.view.choose(10)
    chosen = browser.chosen_line.patient_id
    viewer.before = 4
    browser.show_run(1, replace(THEN, sent=34))
    with qtbot.waitSignal(browser.counted):
        browser.refresh()
    assert browser.count.text() == "34 patients"
    assert browser.moved.text() == ""
    assert browser.view.currentIndex().row() == 14
    assert browser.chosen_line.patient_id == chosen


def test_an_empty_list_fills_by_itself_and_the_search_is_left_alone(listed, qtbot: QtBot):
    viewer, browser = listed(0)
    assert browser.message.isVisible()
    viewer.before = 3
    with qtbot.waitSignal(browser.counted):
        browser.show_run(1, replace(THEN, sent=3))
    assert browser.table.rowCount() == 3
    assert browser.view.isVisible()


def test_a_search_that_finds_nobody_is_not_asked_again_and_again(listed, qtbot: QtBot):
    _, browser = listed(0)
    with qtbot.waitSignal(browser.counted):
        qtbot.keyClicks(browser.fields.search, "nobody")
        qtbot.keyClick(browser.fields.search, Qt.Key.Key_Return)
    browser.show_run(1, replace(THEN, sent=3))
    assert not browser.table.is_reading
    assert browser.moved.text() == f"3 patients by now. {AGAIN}"
