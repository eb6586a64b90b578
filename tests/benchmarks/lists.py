"""The lists of a very large practice: how soon they are there, whether scrolling stalls the window, how long reads are.

The window draws into memory; database, viewer and pages are the program's own. The run in the list is written
straight into the tables, with outcomes in the proportions of a real one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, Qt, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.bootstrap import create_demonstration, open_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE, SPINE_FILE
from app.bootstrap.product import Product
from app.clock import SystemClock
from app.config import load_settings
from app.desktop import services_of
from app.domain.outcomes import ItemState
from app.domain.states import RunStatus
from app.engine.lists import ListQuery, OfPractice, OfRun, Sort
from app.engine.ports import NewRun, Operator
from app.engine.rows import Scope, Tally
from app.engine.run_lists import COUNTER_LISTS, LISTS
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from app.ui.paged_rows import PAGE
from app.ui.patients.browser import PatientBrowser
from app.ui.screen import Screen
from app.ui.theme import Theme
from tests.benchmarks.event_loop import Beat, Painted, share_of, until
from tests.benchmarks.told import Sizes, Told
from tests.helpers.migration import FAMILY, SETTLE
from tests.helpers.simulator import running_simulator

GOAL_OPEN_MS, GOAL_STALL_MS, GOAL_READ_MS = 300.0, 50.0, 50.0
PAGES_DOWN = 60
DRAGS = 40
REST_MS = 30

_OUTCOMES = """
UPDATE item SET
  state = CASE WHEN sequence % 100 < 1 THEN 'sent' WHEN sequence % 100 < 4 THEN 'failed' ELSE 'not_required' END,
  reason = CASE
    WHEN sequence % 100 < 1 THEN 'dissent_sent'
    WHEN sequence % 100 < 4 THEN CASE sequence % 3 WHEN 0 THEN 'pds_mismatch' ELSE 'record_in_use' END
    WHEN sequence % 2 THEN 'no_preference_expressed' ELSE 'nothing_to_do' END,
  processed_at = printf(
    '2026-11-25T%02d:%02d:%02d.000000Z', sequence / 18000 % 24, sequence / 300 % 60, sequence / 5 % 60
  ),
  code_before = '', scr_on_spine = 'yes', permission_before = 'Ask', execution_id = 1
"""


@dataclass
class Felt:
    """Milliseconds: from a press to the rows on the screen, of the event loop's delays and work, and of blank rows."""

    opened: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    blank: list[float] = field(default_factory=list)


def measure_lists(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Open the lists behind the counters, and go through the longest of them."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    Theme(application)
    place = folder / "lists"
    create_demonstration(load_settings(place, {}, {}), sizes.long_list, seed=1)
    write_a_run(place)
    with _opened(place) as (product, screen):
        felt = _watch(screen)
        opened, blank, delays = felt.opened, felt.blank, felt.delays
        yield Told(
            f"the patients behind a counter, {sizes.long_list:,} patients: from the press to the rows on the screen "
            f"{statistics.median(opened):.0f} ms (median), {max(opened):.0f} ms (worst, goal {GOAL_OPEN_MS:g})",
            {"list_open_median_ms": statistics.median(opened), "list_open_worst_ms": max(opened)},
        )
        yield Told(
            f"scrolling through them by page, by dragging and to both ends: the event loop is late by "
            f"{share_of(delays, 0.99):.1f} ms (p99), {max(delays):.1f} ms (worst, goal {GOAL_STALL_MS:g}); its own "
            f"thread works for {max(felt.work):.1f} ms at a stretch at the most; after a jump rows are there in "
            f"{statistics.median(blank):.0f} ms (median), {max(blank):.0f} ms (worst)",
            {
                "list_scroll_worst_ms": max(delays),
                "list_scroll_work_ms": max(felt.work),
                "list_jump_worst_ms": max(blank),
            },
        )
        for name, taken in _reads(product):
            half, worst = statistics.median(taken), max(taken)
            yield Told(
                f"{name}: {half:.1f} ms (median), {worst:.1f} ms (worst, goal {GOAL_READ_MS:g})",
                {f"list_{name.replace(' ', '_')}_worst_ms": worst},
            )


class Heard(QObject):
    """Takes down when a list's beginning was there."""

    def __init__(self, browser: PatientBrowser) -> None:
        super().__init__(browser)
        self.at = 0.0
        browser.counted.connect(self.on_counted)

    @Slot()
    def on_counted(self) -> None:
        """It is there."""
        self.at = time.perf_counter()


def write_a_run(place: Path) -> None:
    """A completed run of everybody in this folder's practice, straight into the tables."""
    database = PracticeDatabase.open(load_settings(place, {}, {}).database_file, clock=SystemClock())
    store, now = SqlMigrationStore(database), database.clock.now()
    operator = Operator("Alison Marsh", DEMONSTRATION_CARD, "1", "System Administrator", "session", "FRONT-DESK")
    run_id = store.begin_run(NewRun(FAMILY, None), operator, now)
    key = store.begin_execution(run_id, operator, Scope.UNPROCESSED, SETTLE, now)
    with database.writing() as connection:
        connection.exec_driver_sql(_OUTCOMES)
    store.end_execution(key, RunStatus.COMPLETED, None, "", Tally(), now)
    database.close()


@contextmanager
def _opened(place: Path) -> Iterator[tuple[Product, Screen]]:
    with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
        flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth}
        with open_product(load_settings(place, flags, {})) as product:
            product.reader.insert(DEMONSTRATION_CARD)
            product.reader.sign_in(DEMONSTRATION_PASSCODE)
            screen = Screen(services_of(product))
            try:
                screen.show()
                until(screen.window.middle.choose.isVisible)
                yield product, screen
            finally:
                screen.shut_down(60)
                screen.window.close_for_good()
                screen.dispose()


def _watch(screen: Screen) -> Felt:
    felt = Felt()
    QTest.mouseClick(screen.window.middle.choose.results_button, Qt.MouseButton.LeftButton)
    until(screen.window.middle.results.isVisible)
    browser = screen.patients.list.browser
    heard, painted = Heard(browser), Painted(browser.view.viewport())
    for _ in range(3):
        for state in (ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED):
            felt.opened.append(_open(screen, heard, painted, state))
            QTest.mouseClick(screen.patients.list.leave_button, Qt.MouseButton.LeftButton)
    _open(screen, heard, painted, ItemState.NOT_REQUIRED)
    beat = Beat()
    beat.start()
    _scroll(browser, painted, felt)
    beat.stop()
    felt.delays, felt.work = beat.delays, beat.work
    return felt


def _open(screen: Screen, heard: Heard, painted: Painted, state: ItemState) -> float:
    pressed = time.perf_counter()
    QTest.mouseClick(screen.window.middle.results.counters.button_of(state), Qt.MouseButton.LeftButton)
    until(lambda: painted.at > heard.at > pressed)
    return (painted.at - pressed) * 1000


def _scroll(browser: PatientBrowser, painted: Painted, felt: Felt) -> None:
    """By page, by dragging from one end to the other, and to the ends at once."""
    view, bar = browser.view, browser.view.verticalScrollBar()
    for _ in range(PAGES_DOWN):
        QTest.keyClick(view, Qt.Key.Key_PageDown)
        _rest()
    for step in [*range(DRAGS + 1), *range(DRAGS, -1, -1)]:
        bar.setValue(bar.maximum() * step // DRAGS)
        _rest()
    for value in (bar.maximum(), 0, bar.maximum() // 2, bar.maximum() // 3, 1_000):
        felt.blank.append(_jump(browser, painted, value))


def _jump(browser: PatientBrowser, painted: Painted, value: int) -> float:
    jumped = time.perf_counter()
    browser.view.verticalScrollBar().setValue(value)
    until(lambda: _all_at_hand(browser) and painted.at > jumped)
    return (time.perf_counter() - jumped) * 1000


def _all_at_hand(browser: PatientBrowser) -> bool:
    view = browser.view
    first = view.rowAt(0)
    last = view.rowAt(view.viewport().height() - 1)
    last = browser.table.rowCount() - 1 if last < 0 else last
    return all(browser.table.line(row) is not None for row in range(first, last + 1))


def _rest() -> None:
    timer = QElapsedTimer()
    timer.start()
    until(lambda: timer.hasExpired(REST_MS))


def _reads(product: Product) -> Iterator[tuple[str, list[float]]]:
    """How long single reads of the viewer take."""
    viewer, run_id = product.patients, 1
    sources = [OfRun(run_id, definition) for definition in LISTS.values()]
    longest = OfRun(run_id, COUNTER_LISTS[ItemState.NOT_REQUIRED])
    queries = [ListQuery(source) for source in sources]
    queries += [ListQuery(place, search=typed) for place in (OfPractice(), longest) for typed in ("smi", "999 1", "j")]
    yield "counting a list", [_taken(viewer.count, query) for query in queries]
    yield "counting by reason", [_taken(viewer.reasons, source) for source in sources]
    yield "a first page", [_taken(viewer.page, query, None, 0, PAGE) for query in queries]
    middles = []
    for sort in Sort:
        for descending in (False, True):
            query = ListQuery(longest, sort=sort, descending=descending)
            mark = next((line.mark for line in viewer.page(query, None, 20_000, 1)), None)
            middles.append(_taken(viewer.page, query, mark, 0, PAGE))
    yield "a page in the middle", middles


def _taken(call: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - began) * 1000
