"""The middle of the window: the heading with the Status, and below it the one page that is shown."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.actions import Action
from app.ui.choose_model import ChooseModel
from app.ui.choose_page import ChoosePage
from app.ui.flow import FlowLayout
from app.ui.frame_model import FrameModel, PageModel
from app.ui.glyph import Glyph, Shape
from app.ui.help.topics import CONTENTS
from app.ui.options_model import OptionsModel
from app.ui.options_page import OptionsPage
from app.ui.page import Page
from app.ui.results_page import ResultsPage
from app.ui.running_model import RunningModel
from app.ui.running_page import RunningPage
from app.ui.tones import Tone
from app.ui.widgets import STEP, label, tidy

_WIDEST_PAGE = 300 * STEP

_STATUS_SHAPES = {
    Tone.ATTENTION: Shape.PAUSE,
    Tone.DONE: Shape.TICK,
    Tone.FAILED: Shape.WARNING,
}


class Middle(QWidget):
    """Heading, Status and pages."""

    def __init__(self, actions: Iterable[Action]) -> None:
        super().__init__()
        self.choose = ChoosePage(actions)
        self.options = OptionsPage()
        self.running = RunningPage()
        self.results = ResultsPage()
        self.heading = label(role="title")
        self.status = label(role="strong")
        self._status_sign = Glyph(Shape.DOT)
        self._stack = QStackedWidget()
        self._shown: Page | None = None
        self._over: Page | None = None
        self._focus_below: QWidget | None = None
        self._owes_focus = False
        for page in (self.choose, self.options, self.running, self.results):
            self._stack.addWidget(page)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QWidget()
        # Lines that run across a wide screen are hard to read.
        column.setMaximumWidth(_WIDEST_PAGE)
        lines = QVBoxLayout(column)
        tidy(lines, spacing=3)
        lines.addWidget(self._head())
        lines.addWidget(self._stack, 1)
        layout = QHBoxLayout(self)
        tidy(layout, margin=5)
        layout.addWidget(column, 1)
        layout.addStretch(0)

    def _head(self) -> QWidget:
        status = QWidget()
        words = QHBoxLayout(status)
        tidy(words, spacing=2)
        words.addWidget(label("Status", "secondary"))
        words.addWidget(self._status_sign)
        words.addWidget(self.status)
        head = QWidget()
        flow = FlowLayout(head)
        flow.setContentsMargins(STEP, 0, STEP, 0)
        flow.addWidget(self.heading)
        flow.keep_last(status)
        return head

    def show_frame(self, model: FrameModel) -> None:
        """Show heading and Status."""
        self.heading.setText(model.heading)
        self.status.setText(model.status)
        self.status.setAccessibleName(f"Status: {model.status}")
        tone = Tone.PLAIN if model.tone is Tone.ATTENTION else model.tone
        self._status_sign.show_shape(_STATUS_SHAPES.get(model.tone, Shape.DOT), tone)

    def add(self, page: Page) -> None:
        """A further page, to be shown later: from now on it belongs to the window, and goes with it."""
        self._stack.addWidget(page)

    def show_page(self, model: PageModel) -> None:
        """Show the page that this model is for; one that was not shown before gets the keyboard."""
        page = self._filled(model)
        if page is self._shown:
            if self._owes_focus and self._over is None:
                self._turn_to(page, page.first_focus())
            return
        self._shown, self._over, self._focus_below = page, None, None
        self._turn_to(page, page.first_focus())

    def show_over(self, page: Page) -> None:
        """Lay a page over the one that is shown, which goes on below it; it gets the keyboard."""
        if self._over is None and self._shown is not None:
            self._focus_below = self._shown.focusWidget()
        self._over = page
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._turn_to(page, page.first_focus())

    def show_below(self) -> None:
        """Take away what lies over the page below; the keyboard goes back to where it was on it."""
        self._over = None
        if self._shown is not None:
            focus, self._focus_below = self._focus_below, None
            there = focus is not None and isValid(focus) and self._shown.isAncestorOf(focus) and focus.isEnabled()
            self._turn_to(self._shown, focus if there else self._shown.first_focus())

    @property
    def over(self) -> Page | None:
        """The page that lies over the one of the run, if any does."""
        return self._over

    @property
    def topic(self) -> str:
        """The key of the help's page about what is shown."""
        page = self._over or self._shown
        return CONTENTS if page is None else page.topic

    def _turn_to(self, page: Page, focus: QWidget | None) -> None:
        self._stack.setCurrentWidget(page)
        # Where nothing can be pressed yet, such as while the database is checked, it comes later.
        self._owes_focus = focus is None
        if focus is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _filled(self, model: PageModel) -> Page:
        if isinstance(model, ChooseModel):
            self.choose.show_model(model)
            return self.choose
        if isinstance(model, OptionsModel):
            self.options.show_model(model)
            return self.options
        if isinstance(model, RunningModel):
            self.running.show_model(model)
            return self.running
        self.results.show_model(model)
        return self.results
