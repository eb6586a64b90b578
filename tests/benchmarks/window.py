"""How the real window feels during a run at full speed: delays of its event loop, and from a click on Stop to its word.

The window draws into memory; engine, SQLite and requests are the program's own, the simulated Spine is in its own
process and sets no limit.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.bootstrap import create_demonstration, open_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE, SPINE_FILE
from app.config import load_settings
from app.desktop import services_of
from app.domain.actions import Action
from app.ui.screen import Screen
from app.ui.theme import Theme
from tests.benchmarks.told import Sizes, Told
from tests.helpers.simulator import SimulatorProcess, running_simulator

SENDERS = 4
BEAT_MS = 4
"""How often the event loop is asked whether it is on time."""

LOOK_MS = 5
PATIENCE_SECONDS = 300
GOAL_P99_MS, GOAL_WORST_MS = 16.0, 100.0


class Beat(QObject):
    """Asks for an event every few milliseconds, and takes down how late each of them comes."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.on_beat)
        self._due = 0.0

    def start(self) -> None:
        """Begin."""
        self._due = time.perf_counter() + BEAT_MS / 1000
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    @Slot()
    def on_beat(self) -> None:
        """One event has come."""
        now = time.perf_counter()
        self.delays.append(max(0.0, (now - self._due) * 1000))
        self._due = now + BEAT_MS / 1000


class Painted(QObject):
    """Takes down when a widget was drawn last."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.at = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Look at what comes, and let it pass."""
        if event.type() is QEvent.Type.Paint:
            self.at = time.perf_counter()
        return False


@dataclass
class Felt:
    """What was measured in one round: delays in milliseconds, and how many patients a second went through."""

    delays: list[float] = field(default_factory=list)
    stop_shown: float = 0.0
    per_second: float = 0.0


def measure_window(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Some runs at full speed with the window open, each stopped and resumed."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    Theme(application)
    felt = [_round(folder / f"window-{number}", sizes.patients, number) for number in range(sizes.rounds)]
    p99 = statistics.median(_share(one.delays, 0.99) for one in felt)
    half = statistics.median(_share(one.delays, 0.5) for one in felt)
    worst = max(max(one.delays) for one in felt)
    speed = statistics.median(one.per_second for one in felt)
    yield Told(
        f"the window during a run of {speed:,.0f} patients a second, {SENDERS} senders: its event loop is late by "
        f"{half:.1f} ms (median), {p99:.1f} ms (p99, goal {GOAL_P99_MS:g}), {worst:.1f} ms (worst, "
        f"goal {GOAL_WORST_MS:g}), {len(felt[0].delays):,} looks",
        {"window_late_median_ms": half, "window_late_p99_ms": p99, "window_late_worst_ms": worst},
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
    _until(middle.choose.isVisible)
    _press(screen, Action.RUN)
    beat.start()
    began = time.perf_counter()
    _until(lambda: middle.running.meter.value() > 0.7 * middle.running.meter.maximum() > 1)
    done, passed = middle.running.meter.value(), time.perf_counter() - began
    felt.stop_shown = _stop(screen)
    _until(middle.running.resume_button.isVisible)
    _press(screen, Action.RESUME)
    _until(lambda: screen.message is not None and screen.message.isVisible())
    beat.stop()
    felt.delays, felt.per_second = beat.delays, done / passed
    return felt


def _press(screen: Screen, action: Action) -> None:
    screen.runs.choose(action)
    QTest.mouseClick(screen.window.middle.options.ok_button, Qt.MouseButton.LeftButton)


def _stop(screen: Screen) -> float:
    """Milliseconds from the click to the word on the screen."""
    painted = Painted(screen.window.middle.status)
    clicked = time.perf_counter()
    QTest.mouseClick(screen.window.middle.running.stop_button, Qt.MouseButton.LeftButton)
    _until(lambda: screen.window.middle.status.text() != "Running" and painted.at > clicked)
    return (painted.at - clicked) * 1000


class _Wait(QObject):
    """Lets the event loop turn as it does in the program, until a condition holds."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__()
        self._condition = condition
        self._loop = QEventLoop(self)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self.on_look)
        self._give_up_at = time.perf_counter() + PATIENCE_SECONDS

    def until_it_holds(self) -> None:
        """Returns once it does; raises TimeoutError when that takes too long."""
        self._look.start()
        self._loop.exec()
        self._look.stop()
        if not self._condition():
            raise TimeoutError("The window did not come so far in time.")

    @Slot()
    def on_look(self) -> None:
        """Look whether it holds by now."""
        if self._condition() or time.perf_counter() > self._give_up_at:
            self._loop.quit()


def _until(condition: Callable[[], bool]) -> None:
    if not condition():
        _Wait(condition).until_it_holds()


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
