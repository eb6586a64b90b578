"""What a run looks like while it works: absolute snapshots, always a last one."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from app.domain.outcomes import ItemState
from app.domain.states import StopReason
from app.engine.breaker import Breaker
from app.engine.progress import PaceMeter, Phase, ProgressBoard, Snapshot, Waiting, with_forecast
from app.engine.reporter import Reporter
from app.engine.rows import Counts, ExecutionEnd
from app.engine.senders import Operation
from tests.helpers.bench import Board
from tests.helpers.clocks import START, ManualClock
from tests.unit.engine.samples import KEY

BEFORE = Counts(unprocessed=10, sending=1, sent=2, failed=3, not_required=4)


def a_snapshot(**changes: object) -> Snapshot:
    fields: dict[str, object] = {
        "run_id": 1,
        "execution_id": 1,
        "phase": Phase.RUNNING,
        "counts": BEFORE,
        "reads": 0,
        "writes": 0,
        "elapsed": 10.0,
        "in_scope": 20,
        "checked_now": 5,
    }
    return Snapshot(**{**fields, **changes})  # type: ignore[arg-type]


# --- the pace ---------------------------------------------------------------------------------------------------------


def test_no_pace_is_told_before_it_means_something():
    clock = ManualClock()
    meter = PaceMeter(clock.monotonic)
    assert meter.update(0, waiting=False) is None
    clock.advance(2.9)
    assert meter.update(29, waiting=False) is None
    clock.advance(0.3)
    assert meter.update(32, waiting=False) == pytest.approx(10.0, rel=0.1)


def test_the_pace_follows_a_change_within_about_twenty_seconds():
    clock = ManualClock()
    meter, done = PaceMeter(clock.monotonic), 0
    paces = []
    for rate in (10,) * 60 + (2,) * 60:
        clock.advance(1)
        done += rate
        paces.append(meter.update(done, waiting=False))
    assert paces[59] == pytest.approx(10.0)
    assert 5.0 < paces[64] < 9.0, "one slow moment does not turn the forecast round"  # type: ignore[operator]
    assert paces[119] == pytest.approx(2.0, abs=0.5)


def test_looking_often_changes_nothing():
    clock = ManualClock()
    often, seldom = PaceMeter(clock.monotonic), PaceMeter(clock.monotonic)
    for tenth in range(1, 301):
        clock.advance(0.1)
        told_often = often.update(tenth, waiting=False)
        if tenth % 10 == 0:
            told_seldom = seldom.update(tenth, waiting=False)
    assert told_often == pytest.approx(told_seldom, rel=0.05)


def test_time_spent_waiting_in_an_outage_does_not_count():
    clock = ManualClock()
    meter = PaceMeter(clock.monotonic)
    for second in range(1, 11):
        clock.advance(1)
        meter.update(second * 5, waiting=False)
    for _ in range(300):
        clock.advance(1)
        pace = meter.update(50, waiting=True)
    assert pace == pytest.approx(5.0)
    clock.advance(1)
    assert meter.update(55, waiting=False) == pytest.approx(5.0)


def test_the_time_left_follows_from_the_pace():
    assert with_forecast(a_snapshot(), 3.0).seconds_left == pytest.approx(5.0)
    assert with_forecast(a_snapshot(), 3.0).per_second == 3.0
    assert with_forecast(a_snapshot(checked_now=25), 3.0).seconds_left == 0.0


def test_how_long_those_put_off_take_no_pace_can_tell():
    told = with_forecast(a_snapshot(put_off_until=START), 3.0)
    assert (told.per_second, told.seconds_left) == (3.0, None)


@pytest.mark.parametrize("pace", [None, 0.0])
def test_without_a_pace_no_time_is_guessed(pace: float | None):
    assert with_forecast(a_snapshot(), pace) == a_snapshot()


def test_the_average_a_patient():
    assert a_snapshot().seconds_a_patient == 2.0
    assert a_snapshot(checked_now=0).seconds_a_patient is None


def test_the_counters_add_up():
    assert BEFORE.total == 20
    assert BEFORE.checked == 10


# --- the board --------------------------------------------------------------------------------------------------------


def test_the_board_shows_the_newest():
    board = ProgressBoard()
    assert board.latest() is None
    board.publish(a_snapshot(reads=1))
    board.publish(a_snapshot(reads=2))
    assert board.latest() == a_snapshot(reads=2)


def test_the_board_may_be_read_from_any_thread():
    board, seen = ProgressBoard(), []
    published = threading.Event()

    def look() -> None:
        published.wait(10)
        seen.append(board.latest())

    reader = threading.Thread(target=look)
    reader.start()
    board.publish(a_snapshot())
    published.set()
    reader.join(10)
    assert seen == [a_snapshot()]


# --- the reporter -----------------------------------------------------------------------------------------------------


class Reported:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.board = Board()
        self.breaker = Breaker(self.clock.monotonic)
        self.reporter = Reporter(self.board, KEY, BEFORE, 11, reads=100, writes=7, clock=self.clock)

    def tell(self, *, stopping: bool = False) -> Snapshot:
        self.reporter.tell(self.breaker, stopping=stopping)
        return self.board.last


@pytest.fixture
def reported() -> Reported:
    return Reported()


def test_the_first_snapshot_comes_at_once_and_then_ten_a_second(reported: Reported):
    for _ in range(100):
        reported.tell()
        reported.clock.advance(0.01)
    assert len(reported.board.all) == pytest.approx(10, abs=1)


def test_it_counts_on_from_where_the_run_stood(reported: Reported):
    reported.reporter.requested(Operation.READ)
    reported.reporter.requested(Operation.SEND)
    reported.reporter.moved(ItemState.UNPROCESSED, ItemState.SENDING)
    reported.reporter.moved(ItemState.SENDING, ItemState.SENDING)
    reported.reporter.finished()
    snapshot = reported.tell()
    assert (snapshot.run_id, snapshot.execution_id) == (KEY.run_id, KEY.execution_id)
    assert snapshot.counts == Counts(9, 2, 2, 3, 4)
    assert (snapshot.reads, snapshot.writes) == (101, 8)
    assert (snapshot.in_scope, snapshot.checked_now) == (11, 1)
    assert snapshot.phase is Phase.RUNNING


def test_in_an_outage_it_says_why_and_when_the_next_try_is(reported: Reported):
    for _ in range(3):
        reported.breaker.failed(1, connected=False)
    snapshot = reported.tell()
    assert snapshot.phase is Phase.WAITING
    assert snapshot.waiting is not None
    assert snapshot.waiting.reason is StopReason.NO_CONNECTION
    assert (snapshot.waiting.next_try_at - START).total_seconds() == 5.0


def test_a_new_phase_is_told_at_once(reported: Reported):
    reported.tell()
    for _ in range(3):
        reported.breaker.failed(1, connected=False)
    reported.tell()
    reported.tell(stopping=True)
    assert reported.board.phases == [Phase.RUNNING, Phase.WAITING, Phase.STOPPING]


def test_stopping_goes_before_waiting(reported: Reported):
    for _ in range(3):
        reported.breaker.failed(1, connected=False)
    snapshot = reported.tell(stopping=True)
    assert snapshot.phase is Phase.STOPPING
    assert isinstance(snapshot.waiting, Waiting)


def test_time_in_which_only_those_put_off_are_left_does_not_slow_the_pace(reported: Reported):
    due = START + timedelta(seconds=300)
    for _ in range(10):
        reported.clock.advance(1)
        reported.reporter.finished()
        reported.tell()
    for _ in range(200):
        reported.clock.advance(1)
        reported.reporter.tell(reported.breaker, stopping=False, put_off_until=due)
    snapshot = reported.board.last
    assert snapshot.per_second == pytest.approx(1.0)
    assert (snapshot.seconds_left, snapshot.put_off_until) == (None, due)


def test_the_last_snapshot_has_the_counters_of_the_database_and_the_reason(reported: Reported):
    reported.tell()
    truth = Counts(sent=20)
    reported.clock.advance(0.01)
    reported.reporter.tell_end(truth, ExecutionEnd(False, StopReason.USER, "why"))
    last = reported.board.last
    assert (last.phase, last.counts) == (Phase.ENDED, truth)
    assert (last.stop_reason, last.stop_detail) == (StopReason.USER, "why")
    assert last.elapsed == pytest.approx(0.01)
