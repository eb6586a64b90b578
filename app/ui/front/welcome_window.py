"""The window while no practice is open: the welcome page, or how far the opening of a practice is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.engine.long_work import WorkState
from app.ui.frame_model import PRODUCT
from app.ui.front.welcome_model import WelcomeModel
from app.ui.front.welcome_page import WelcomePage
from app.ui.front.work_bar import WorkBar
from app.ui.help.help_menu import HelpMenu
from app.ui.widgets import STEP, label, tidy

_PURPOSE = (
    "For the day a practice goes live with the Summary Care Record: sends every dissent held in its records to the NHS "
    "Spine, and says of each patient what became of it."
)
_QUESTION = "Which practice do you want to work with?"
_USUAL = QSize(1080, 720)
_WIDEST = 220 * STEP


class WelcomeWindow(QMainWindow):
    """Signals: `close_wanted()`, `log_wanted()`; those of its parts are reached through `page` and `help_menu`."""

    close_wanted = Signal()
    log_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(PRODUCT)
        self._may_close = False
        self.page = WelcomePage()
        self.help_menu = HelpMenu(self)
        self.subtitle = label(role="lead", wraps=True)
        self.bar = WorkBar()
        self._stack = QStackedWidget()
        opening = QWidget()
        lines = QVBoxLayout(opening)
        tidy(lines, margin=1)
        lines.addWidget(self.bar)
        lines.addStretch(1)
        self._opening = opening
        for part in (self.page, opening):
            self._stack.addWidget(part)
        self._lay_out()
        self._fill_menus()

    def _lay_out(self) -> None:
        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        lines = QVBoxLayout(column)
        tidy(lines, spacing=3)
        lines.addWidget(label(PRODUCT, "title"))
        lines.addWidget(self.subtitle)
        lines.addWidget(self._stack, 1)
        whole = QWidget()
        across = QHBoxLayout(whole)
        tidy(across, margin=6)
        across.addStretch(1)
        across.addWidget(column, 8)
        across.addStretch(1)
        self.setCentralWidget(whole)
        available = self.screen().availableSize()
        self.setMinimumSize(QSize(600, 440).boundedTo(available))
        self.resize(_USUAL.boundedTo(available))

    def _fill_menus(self) -> None:
        page, menu = self.page, QMenu("Pr&actice", self)
        menu.addAction("&Demonstration practice…").triggered.connect(page.demonstration_wanted)
        menu.addAction("&Open a practice…").triggered.connect(page.folder_wanted)
        menu.addAction("&Import a list…").triggered.connect(page.import_wanted)
        menu.addSeparator()
        menu.addAction("&Settings…").triggered.connect(page.settings_wanted)
        menu.addAction("&Test the connection…").triggered.connect(page.connection_wanted)
        menu.addAction("&Log…").triggered.connect(self.log_wanted)
        menu.addSeparator()
        leave = menu.addAction("&Close")
        leave.setShortcut(QKeySequence("Ctrl+Q"))
        leave.triggered.connect(self.close)
        self.menuBar().addMenu(menu)
        self.menuBar().addMenu(self.help_menu)
        self._menu = menu

    def show_welcome(self, model: WelcomeModel) -> None:
        """Show the welcome page as it stands."""
        was_shown = self._stack.currentWidget() is self.page and self.isVisible()
        before = self.page.default_button()
        is_news = self.page.is_news(model)
        self.subtitle.setText(f"{_PURPOSE}\n{_QUESTION}")
        self.page.show_model(model)
        self._stack.setCurrentWidget(self.page)
        self._menu.setEnabled(True)
        focus = self.page.first_focus()
        is_better = before is not None and before.hasFocus() and focus is not before
        if focus is not None and (is_better or is_news or not was_shown):
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_work(self, subtitle: str, state: WorkState) -> None:
        """Show that a practice is being opened or closed; nothing else can be begun meanwhile."""
        self.subtitle.setText(subtitle)
        self.bar.show_state(state)
        self._stack.setCurrentWidget(self._opening)
        self._menu.setEnabled(False)

    def close_for_good(self) -> None:
        """Close without telling anybody."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Closing this window ends the program, once what is under way is over."""
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.close_wanted.emit()
