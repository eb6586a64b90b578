"""How the real window feels during a run at full speed: delays of its event loop, and from a click on Stop to its word.

The window draws into memory; engine, SQLite and requests are the program's own, the simulated Spine is in its own
process and sets no limit.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.bootstrap import create_demonstration, open_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE, SPINE_FILE
from app.config import load_settings
from app.desktop import services_of
from app.domain.actions import Action
from app.ui.screen import Screen
from app.ui.theme import Theme
from tests.benchmarks.event_loop import Beat, Painted, share_of, until
from tests.benchmarks.told import Sizes, Told
from tests.helpers.simulator import SimulatorProcess, running_simulator

SENDERS = 4
GOAL_P99_MS, GOAL_WORST_MS = 16.0, 100.0


@dataclass
class Felt:
    """What was measured in one round: delays and the window's own work in milliseconds, and patients a second."""

    delays: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    stop_shown: float = 0.0
    per_second: float = 0.0


def measure_window(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Some runs at full speed with the window open, each stopped and resumed."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    Theme(application)
    felt = [_round(folder / f"window-{number}", sizes.patients, number) for number in range(sizes.rounds)]
    p99 = statistics.median(share_of(one.delays, 0.99) for one in felt)
    half = statistics.median(share_of(one.delays, 0.5) for one in felt)
    worst, work = max(max(one.delays) for one in felt), max(max(one.work) for one in felt)
    speed = statistics.median(one.per_second for one in felt)
    yield Told(
        f"the window during a run of {speed:,.0f} patients a second, {SENDERS} senders: its event loop is late by "
        f"{half:.1f} ms (median), {p99:.1f} ms (p99, goal {GOAL_P99_MS:g}), {worst:.1f} ms (worst, "
        f"goal {GOAL_WORST_MS:g}), {len(felt[0].delays):,} looks; its own thread works for {work:.1f} ms at a "
        "stretch at the most",
        {
            "window_late_median_ms": half,
            "window_late_p99_ms": p99,
            "window_late_worst_ms": worst,
            "window_work_worst_ms": work,
        },
    )
    shown = max(one.stop_shown for one in felt)
    yield Told(f"from a click on Stop to Stopping on the screen: {shown:.1f} ms (worst)", {"stop_shown_ms": shown})


def _round(place: Path, patients: int, seed: int) -> Felt:
    create_demonstration(load_settings(place, {}, {}), patients, seed=seed)
    with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
        flags = _flags(spine)
        with open_product(load_settings(place, flags, {})) as product:
            product.reader.insert(DEMONSTRATION_CARD)
            product.reader.sign_in(DEMONSTRATION_PASSCODE)
            screen = Screen(services_of(product))
            try:
                return _watch(screen)
            finally:
                screen.shut_down(60)
                screen.window.close_for_good()
                screen.dispose()


def _flags(spine: SimulatorProcess) -> dict[str, str]:
    return {
        "SPINE_URL": spine.spine,
        "AUTH_URL": spine.auth,
        "REQUESTS_PER_SECOND": "0",
        "CONCURRENCY": str(SENDERS),
    }


def _watch(screen: Screen) -> Felt:
    middle, felt, beat = screen.window.middle, Felt(), Beat()
    screen.show()
    until(middle.choose.isVisible)
    _press(screen, Action.RUN)
    beat.start()
    began = time.perf_counter()
    until(lambda: middle.running.meter.value() > 0.7 * middle.running.meter.maximum() > 1)
    done, passed = middle.running.meter.value(), time.perf_counter() - began
    felt.stop_shown = _stop(screen)
    until(middle.running.resume_button.isVisible)
    _press(screen, Action.RESUME)
    until(lambda: screen.messages.box is not None and screen.messages.box.isVisible())
    beat.stop()
    felt.delays, felt.work, felt.per_second = beat.delays, beat.work, done / passed
    return felt


def _press(screen: Screen, action: Action) -> None:
    screen.runs.step.choose(action)
    QTest.mouseClick(screen.window.middle.options.ok_button, Qt.MouseButton.LeftButton)


def _stop(screen: Screen) -> float:
    """Milliseconds from the click to the word on the screen."""
    painted = Painted(screen.window.middle.status)
    clicked = time.perf_counter()
    QTest.mouseClick(screen.window.middle.running.stop_button, Qt.MouseButton.LeftButton)
    until(lambda: screen.window.middle.status.text() != "Running" and painted.at > clicked)
    return (painted.at - clicked) * 1000
