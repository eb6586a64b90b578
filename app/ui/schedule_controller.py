"""Set times in the window: keeps them, cancels them, and has what comes due carried out. Knows no widget."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

from app.domain.errors import KnownError
from app.domain.occurrences import outcome_words
from app.domain.phrases import day_and_time
from app.domain.windows import Plan
from app.engine.press import Press
from app.engine.schedule_rows import ScheduleView
from app.engine.watchman import Notice
from app.ui.background import BackgroundCall, Ended
from app.ui.services import Order, Services


class WatchBridge(QObject):
    """Between the watchman's thread and the window's: it only emits.

    Signals: `due(Order)` with what is to be carried out now, `noticed(Notice)` with what began nothing.
    """

    due = Signal(object)
    noticed = Signal(object)

    def begin(self, order: Order) -> None:
        """Called in the watchman's thread."""
        self.due.emit(order)

    def tell(self, notice: Notice) -> None:
        """Called in the watchman's thread."""
        self.noticed.emit(notice)


class ScheduleController(QObject):
    """Lives in the window's thread.

    Signals: `begins(Order)` with a press to carry out now; `scheduled()` when times were kept; `changed()` whenever
    something scheduled may have changed; `told(str)` with a sentence to be said in passing; `refused(str)` with a
    reason in words; `failed(object)` with an unexpected error.
    """

    begins = Signal(object)
    scheduled = Signal()
    changed = Signal()
    told = Signal(str)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._call: BackgroundCall | None = None
        self._bridge = WatchBridge(self)
        self._bridge.due.connect(self.begins, Qt.ConnectionType.QueuedConnection)
        self._bridge.noticed.connect(self.on_noticed, Qt.ConnectionType.QueuedConnection)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self.on_activation)

    @property
    def is_busy(self) -> bool:
        """Whether times are being kept or cancelled just now."""
        return self._call is not None

    def keep_watch(self) -> None:
        """From now on whatever comes due is begun in this window."""
        self._services.times.keep_watch(self._bridge.begin, self._bridge.tell)

    def press(self, press: Press, plan: Plan) -> None:
        """A press with times: begun at once, or kept until its time."""
        if self._call is None:
            times = self._services.times
            self._start("times", BackgroundCall("times", lambda: times.press(press, plan), self))

    @Slot()
    def cancel(self) -> None:
        """What is scheduled is not wanted any more."""
        if self._call is None:
            self._start("cancelling", BackgroundCall("cancelling", self._services.times.cancel, self))

    def _start(self, name: str, call: BackgroundCall) -> None:
        call.setObjectName(name)
        self._call = call
        call.ended.connect(self.on_pressed if name == "times" else self.on_cancelled)

    @Slot()
    def wake(self) -> None:
        """Something has changed on which it depends whether anything is due."""
        self._services.times.wake()

    @Slot(Qt.ApplicationState)
    def on_activation(self, state: Qt.ApplicationState) -> None:
        """Somebody has turned to the program, maybe after the computer was asleep."""
        if state is Qt.ApplicationState.ApplicationActive:
            self.wake()

    @Slot(object)
    def on_pressed(self, ended: Ended) -> None:
        """The press was looked at: it begins now, or it is kept."""
        self._call = None
        if isinstance(ended.value, ScheduleView):
            self.scheduled.emit()
            self.wake()
        elif isinstance(ended.value, Press):
            self.begins.emit(self._services.times.order(ended.value))
        self._tell_of(ended)
        self.changed.emit()

    @Slot(object)
    def on_cancelled(self, ended: Ended) -> None:
        """It is cancelled, or could not be."""
        self._call = None
        self._tell_of(ended)
        self.changed.emit()
        self.wake()

    @Slot(object)
    def on_noticed(self, notice: Notice) -> None:
        """A time has passed at which nothing was begun."""
        settled = notice.settled
        planned = day_and_time(settled.occurrence.begins_at, self._services.clock.now())
        self.told.emit(f"Planned for {planned}. {outcome_words(settled.outcome, settled.why, settled.detail)}")
        self.changed.emit()

    def _tell_of(self, ended: Ended) -> None:
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: watch no more, and wait for what is under way; whether it is over."""
        self._services.times.leave_watch()
        return self._call is None or self._call.wait(seconds)
