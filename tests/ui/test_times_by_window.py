"""Set times in the window over everything real: engine, database, watch, ticker and a simulated Spine, on a clock that
is moved in small steps, as if nobody had slept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.bootstrap import open_product
from app.clock import LONDON, SystemClock
from app.config import load_settings
from app.desktop import services_of
from app.domain.actions import Action
from app.domain.occurrences import Outcome
from app.domain.states import RunStatus, StopReason
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.ui.conftest import Real, opened
from tests.ui.hands import PATIENCE_MS, Hands

STEP = 5.0


class SteppedClock(SystemClock):
    """The machine's clock and, on top, the steps it was moved by: on the wall and on the watch alike."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.moved)

    def monotonic(self) -> float:
        return super().monotonic() + self.moved


class Night:
    """A window whose night passes while somebody waits for something."""

    def __init__(self, real: Real, clock: SteppedClock, qtbot: QtBot) -> None:
        self.real, self.clock = real, clock
        self.hands = Hands(real.screen, qtbot)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let time pass until something is so."""

        def is_so() -> bool:
            if condition():
                return True
            self.clock.moved += STEP
            self.real.screen.schedule.wake()
            return False

        self.hands.qtbot.waitUntil(is_so, timeout=PATIENCE_MS)

    def on_the_wall(self, minutes: int) -> datetime:
        """The time of day in so many minutes."""
        return (self.clock.now() + timedelta(minutes=minutes)).astimezone(LONDON)

    def run(self):
        return self.real.product.queries.latest_run(self.real.product.family.key)


@contextmanager
def night_on(folder: Path, spine: SimulatorProcess, clock: SteppedClock, qtbot: QtBot) -> Iterator[Night]:
    """The program on a practice, with somebody on watch."""
    flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth, "REQUESTS_PER_SECOND": "0", "CONCURRENCY": "1"}
    with (
        open_product(load_settings(folder, flags, environment={}), clock) as product,
        opened(services_of(product), qtbot) as screen,
    ):
        screen.schedule.keep_watch()
        yield Night(Real(product, spine, screen), clock, qtbot)


@pytest.fixture
def spine(demonstration: Path) -> Iterator[SimulatorProcess]:
    with running_simulator("--rate", "0", "--latency-ms", "20", load=demonstration / "spine.csv") as running:
        yield running


def set_time(hands: Hands, field: object, at: datetime, *, day: bool = False) -> None:
    field.setFocus()
    field.setSelectedSection(field.sectionAt(0))
    hands.qtbot.keyClicks(field, f"{at:%d%m%Y%H%M}" if day else f"{at:%H%M}")


def run_begun_with_times(night: Night, *, stop: int, resume: int) -> None:
    """A run that was begun at once, with times so many minutes from now, and has got somewhere."""
    hands = night.hands
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    set_time(hands, hands.middle.options.times.stop, night.on_the_wall(stop))
    set_time(hands, hands.middle.options.times.resume, night.on_the_wall(resume))
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)


def test_begun_now_it_pauses_at_the_stop_and_goes_on_by_itself(demonstration, spine, qtbot):
    with night_on(demonstration, spine, SteppedClock(), qtbot) as night:
        hands = night.hands
        run_begun_with_times(night, stop=3, resume=6)
        fields = hands.middle.options.times
        told = f"Stop: {fields.stop.text()}, Resume: {fields.resume.text()}"
        hands.until(lambda: told in hands.window.status_texts())
        night.until(lambda: hands.middle.status.text() == "Paused")
        assert night.run().stop_reason is StopReason.WINDOW_CLOSED
        assert night.run().counts.unprocessed > 0
        hands.until(lambda: "It goes on by itself" in hands.middle.running.note.words)
        night.until(lambda: hands.middle.status.text() == "Running")
        hands.until(lambda: night.run().status is RunStatus.COMPLETED)
        assert hands.message().text() == "Process completed."
        counts = night.run().counts
        assert counts.unprocessed == counts.sending == 0
        assert [told.outcome for told in night.real.product.schedules.history()] == [Outcome.FIRED, Outcome.FIRED]


def test_what_is_scheduled_is_there_again_after_a_restart_and_begins_at_its_time(demonstration, spine, qtbot):
    clock = SteppedClock()
    with night_on(demonstration, spine, clock, qtbot) as night:
        hands = night.hands
        hands.signed_in()
        hands.press(Action.RUN)
        hands.until_page(hands.middle.options)
        set_time(hands, hands.middle.options.times.when, night.on_the_wall(5), day=True)
        hands.click(hands.middle.options.ok_button)
        hands.until(lambda: "starts by itself" in hands.middle.choose.schedule.notice.words)
        assert hands.middle.status.text() == "Scheduled"
    with night_on(demonstration, spine, clock, qtbot) as night:
        hands = night.hands
        assert "starts by itself" in hands.middle.choose.schedule.notice.words
        hands.signed_in()
        night.until(lambda: hands.middle.status.text() == "Running")
        hands.until(lambda: night.run().status is RunStatus.COMPLETED)
        assert [told.outcome for told in night.real.product.schedules.history()] == [Outcome.FIRED]


def test_a_start_with_no_card_is_missed_told_and_offered(demonstration, spine, qtbot):
    with night_on(demonstration, spine, SteppedClock(), qtbot) as night:
        hands = night.hands
        hands.signed_in()
        hands.press(Action.RUN)
        hands.until_page(hands.middle.options)
        set_time(hands, hands.middle.options.times.when, night.on_the_wall(3), day=True)
        hands.click(hands.middle.options.ok_button)
        panel = hands.middle.choose.schedule
        hands.until(lambda: "starts by itself" in panel.notice.words)
        hands.click(hands.window.side.card.remove_button)
        hands.until(lambda: hands.screen.card.session is None)
        night.until(lambda: "nobody was signed in with a Smartcard" in panel.notice.words)
        hands.signed_in()
        hands.until(panel.run_button.isEnabled)
        hands.click(panel.run_button)
        hands.until_page(hands.middle.options)


def test_a_stop_by_hand_is_not_undone_by_the_resume_time(demonstration, spine, qtbot):
    with night_on(demonstration, spine, SteppedClock(), qtbot) as night:
        hands = night.hands
        run_begun_with_times(night, stop=30, resume=33)
        hands.click(hands.middle.running.stop_button)
        hands.until(lambda: hands.middle.status.text() == "Paused")
        assert "by itself" not in hands.middle.running.note.words
        after = night.clock.now() + timedelta(minutes=35)
        night.until(lambda: night.clock.now() > after)
        night.until(lambda: len(night.real.product.schedules.history()) == 2)
        assert night.real.product.schedules.history()[0].outcome is Outcome.SKIPPED
        assert night.run().status is RunStatus.STOPPED
        assert not hands.screen.runs.is_live
