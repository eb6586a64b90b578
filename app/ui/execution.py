"""One press being carried out: its thread, its stop token, and what it reports while it works."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.clock import Clock
from app.domain.states import StopReason
from app.engine.control import StopToken
from app.engine.ports import RunView
from app.engine.press import Press
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.ui.background import BackgroundCall
from app.ui.chart_model import chart_model
from app.ui.running_model import RequestRate, RunningModel, running_model, starting_model, stopping
from app.ui.services import Awake, Order, RunOperator
from app.ui.timeline import Timeline

_CHART_SECONDS = 0.5
"""How often the chart is drawn anew; the numbers come more often."""


class AtOnce:
    """A press without times, as an order."""

    def __init__(self, operator: RunOperator, press: Press) -> None:
        self._operator = operator
        self.press = press

    def execute(self, token: StopToken, board: ProgressBoard) -> RunView:
        """Carry it out."""
        return self._operator.execute(self.press, token, board)


class Execution(QObject):
    """Lives in the window's thread; the work is done in another. Signals: `ended(Ended)`, once, with a `RunView`."""

    ended = Signal(object)

    def __init__(self, order: Order, awake: Awake, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._press = order.press
        self._clock = clock
        self._token = StopToken()
        self._board = ProgressBoard()
        self._rate = RequestRate()
        self._request_rate: float | None = None
        self._timeline = Timeline()
        self._chart = chart_model(())
        self._chart_again_at = clock.monotonic()
        self._seen: Snapshot | None = None
        self._seen_at = clock.monotonic()
        self._closing = False
        token, board = self._token, self._board

        def work() -> RunView:
            with awake.while_it_runs():
                return order.execute(token, board)

        self._call = BackgroundCall("execution", work, self)
        self._call.ended.connect(self.ended)

    def stop(self, reason: StopReason) -> None:
        """Ask it to stop: heard at once, honoured as soon as the messages under way have been answered."""
        self._closing = self._closing or reason is StopReason.SHUTDOWN
        self._token.stop(reason)

    def wait(self, seconds: float) -> bool:
        """Block until it is over, for the end of the program; whether it is."""
        return self._call.wait(seconds)

    @property
    def snapshot(self) -> Snapshot | None:
        """What it reported last."""
        return self._board.latest()

    def model(self) -> RunningModel:
        """The running page at this moment."""
        model = self.reported()
        return stopping(model, closing=self._closing) if self._token.is_set else model

    def reported(self) -> RunningModel:
        """The same as the execution itself tells it, whatever has been asked of it since."""
        snapshot = self._board.latest()
        if snapshot is None:
            return starting_model(self._press.action)
        if snapshot is not self._seen:
            self._take_in(snapshot)
        silent_for = self._clock.monotonic() - self._seen_at
        now = self._clock.now()
        return running_model(self._press.action, snapshot, self._request_rate, now, silent_for, self._chart)

    def _take_in(self, snapshot: Snapshot) -> None:
        self._seen, self._seen_at = snapshot, self._clock.monotonic()
        self._request_rate = self._rate.update(snapshot)
        self._timeline.add(snapshot)
        if self._seen_at >= self._chart_again_at or snapshot.phase is Phase.ENDED:
            self._chart, self._chart_again_at = chart_model(self._timeline.moments()), self._seen_at + _CHART_SECONDS
