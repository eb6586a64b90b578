"""The main window: menus, side column, middle, status bar. Shows a `WindowModel` and tells what staff do.

It decides nothing: what may be pressed comes with the model, what follows from a press is the controllers' affair.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QMainWindow, QMenu, QWidget

from app.domain.actions import Action, Family
from app.ui.action_button import MNEMONICS
from app.ui.announcer import Announcement
from app.ui.choose_model import ActionModel
from app.ui.frame_model import FrameModel, WindowModel
from app.ui.help.help_menu import HelpMenu
from app.ui.middle import Middle
from app.ui.side_column import SideColumn
from app.ui.spoken import say_aloud
from app.ui.status_line import StatusLine
from app.ui.widgets import mnemonic, tidy, tip

SMALLEST = QSize(900, 600)
_USUAL = QSize(1080, 720)
_SEGMENTS = 4
_LETTERS, _LINES = 110, 30
"""A window narrower than so many letters has no room for the side column, however many pixels it has; one with fewer
lines of text has little for what the column becomes."""


class MainWindow(QMainWindow):
    """Signals: `action_chosen(Action)`, `stop_wanted()`, `exit_wanted()`; those of pages, panels and the menu Help are
    reached through `middle`, `side` and `help_menu`.
    """

    action_chosen = Signal(Action)
    stop_wanted = Signal()
    exit_wanted = Signal()

    def __init__(self, title: str, family: Family) -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.middle = Middle(family.actions)
        self.side = SideColumn((family,))
        self.actions_menu = QMenu(mnemonic(family.title, "c"), self)
        self.actions_menu.setToolTipsVisible(True)
        self.help_menu = HelpMenu(self)
        self._actions = {action: QAction(self) for action in family.actions}
        self.stop_action = QAction("S&top", self)
        self.times_action = QAction("Set times and &outcomes…", self)
        self.sign_in_action = QAction("Sign &in…", self)
        self.remove_card_action = QAction("Remove car&d", self)
        self._status_line = StatusLine(_SEGMENTS)
        self._before = self.help_menu.menuAction()
        self._may_close = False
        self._fold = False, False
        self._lay_out()
        self._fill_menus()
        self._fill_status_bar()
        self.middle.choose.action_chosen.connect(self.action_chosen)
        self.side.close_button.clicked.connect(self.close)

    def _lay_out(self) -> None:
        whole = QWidget()
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, whole)
        tidy(self._layout)
        self._layout.addWidget(self.side)
        self._layout.addWidget(self.middle, 1)
        self.setCentralWidget(whole)
        available = self.screen().availableSize()
        self.setMinimumSize(SMALLEST.boundedTo(available))
        self.resize(_USUAL.boundedTo(available))

    def _fill_menus(self) -> None:
        for action, entry in self._actions.items():
            entry.setData(action)
            self.actions_menu.addAction(entry)
        self.actions_menu.triggered.connect(self.on_menu_triggered)
        self.actions_menu.addSeparator()
        self.actions_menu.addAction(self.stop_action)
        self.actions_menu.addAction(self.times_action)
        self.stop_action.triggered.connect(self.stop_wanted)
        self.actions_menu.addSeparator()
        self.actions_menu.addActions([self.sign_in_action, self.remove_card_action])
        self.actions_menu.addSeparator()
        leave = self.actions_menu.addAction("&Close")
        leave.setShortcut(QKeySequence("Ctrl+Q"))
        leave.triggered.connect(self.close)
        self.menuBar().addMenu(self.actions_menu)
        self.menuBar().addMenu(self.help_menu)

    def _fill_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._status_line, 1)

    def show_model(self, model: WindowModel, *, card_busy: bool) -> None:
        """Show this moment."""
        frame = model.frame
        self.middle.show_frame(frame)
        self.middle.show_page(model.page)
        self.side.card.show_model(frame.card, busy=card_busy)
        self._show_menu(frame, card_busy)
        self._status_line.show_texts(frame.segments)

    def _show_menu(self, frame: FrameModel, card_busy: bool) -> None:
        for one in frame.actions:
            _show_action(self._actions[one.action], one)
        self.stop_action.setEnabled(frame.may_stop)
        self.stop_action.setToolTip("Pause the run; it keeps its place." if frame.may_stop else "Nothing is running.")
        self.sign_in_action.setEnabled(not frame.card.signed_in and not card_busy)
        self.remove_card_action.setEnabled((frame.card.card_in or frame.card.signed_in) and not card_busy)

    @Slot(str)
    def tell_in_passing(self, words: str) -> None:
        """Say something that needs no answer: read aloud where there is a screen reader, and the window asks to be
        looked at where it stands behind others.
        """
        self.announce(Announcement(words, urgent=True))
        QApplication.alert(self)

    def announce(self, announcement: Announcement) -> None:
        """Have a screen reader say this."""
        say_aloud(self, announcement.words, urgent=announcement.urgent)

    def add_menu(self, menu: QMenu, *, last: bool = False) -> None:
        """A further menu, before Help; the `last` one stays next to Help, whatever is added later."""
        added = self.menuBar().insertMenu(self._before, menu)
        if last:
            self._before = added

    def status_texts(self) -> tuple[str, ...]:
        """What the status bar says, from left to right."""
        return self._status_line.texts()

    def menu_action(self, action: Action) -> QAction:
        """The menu's entry of an action."""
        return self._actions[action]

    def close_for_good(self) -> None:
        """Close without asking."""
        self._may_close = True
        self.close()

    @Slot(QAction)
    def on_menu_triggered(self, entry: QAction) -> None:
        """An entry of the actions' menu; only those of the four actions carry one."""
        action = entry.data()
        if action is not None:
            self.action_chosen.emit(Action(action))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Whoever wants to close is asked first."""
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.exit_wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is no room for the side column it lies on top.

        A window is lower than the smallest only where the screen has no more, such as a small one at 200 %: there the
        pages need the width, so that their lines are fewer.
        """
        super().resizeEvent(event)
        low = self.height() < SMALLEST.height()
        folded = low or self.width() < max(SMALLEST.width(), _LETTERS * self.fontMetrics().averageCharWidth())
        brief = folded and (low or self.height() < _LINES * self.fontMetrics().height())
        if (folded, brief) != self._fold:
            self._fold = folded, brief
            # Out of sight: half folded it would need more room than either way, and the window would grow.
            self.side.hide()
            self.side.fold(folded=folded, brief=brief)
            directions = QBoxLayout.Direction
            self._layout.setDirection(directions.TopToBottom if folded else directions.LeftToRight)
            self.side.show()


def _show_action(entry: QAction, model: ActionModel) -> None:
    entry.setText(mnemonic(model.label, MNEMONICS[model.action]))
    entry.setEnabled(model.why_not is None)
    entry.setToolTip(tip(model.why_not or model.meaning))
