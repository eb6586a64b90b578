"""The page of one list of patients: its title and meaning above, the list, and what can be done with it below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from app.engine.lists import ListQuery, Source
from app.ui.page import Page
from app.ui.patients.browser import PatientBrowser
from app.ui.patients.manner import OF_RUNS, Manner
from app.ui.patients.table_model import ListReader
from app.ui.widgets import STEP, bar, button, label, tidy


class ListPage(Page):
    """Signals: `group_wanted(ListQuery)` to keep what is shown as a group, `back_wanted()`; those of the list are
    reached through `browser`.
    """

    topic = "lists"

    group_wanted = Signal(ListQuery)
    back_wanted = Signal()

    def __init__(self, reader: ListReader, manner: Manner = OF_RUNS) -> None:
        super().__init__()
        self._no_group = manner.no_group
        self.title = label(role="value")
        self.meaning = label(role="secondary", wraps=True)
        self.browser = PatientBrowser(reader, manner)
        self.open_button = button("Open pat&ient", primary=True)
        self.group_button = button("Keep as &group…")
        self.refresh_button = button("&Refresh")
        self.leave_button = button("&Back")
        self._search_first = False
        tidy(self.content, spacing=2)
        for part in (self.title, self.meaning):
            part.setContentsMargins(STEP, 0, STEP, 0)
            self.content.addWidget(part)
        self.content.addWidget(self.browser, 1)
        for one in (self.refresh_button, self.group_button, self.open_button, self.leave_button):
            self.footer.addWidget(one)
        self._connect()

    def _connect(self) -> None:
        self.open_button.clicked.connect(self.browser.open_chosen)
        self.group_button.clicked.connect(self.on_group_clicked)
        self.refresh_button.clicked.connect(self.browser.refresh)
        self.leave_button.clicked.connect(self.back_wanted)
        self.browser.patient_chosen.connect(self.on_patient_chosen)
        again = QShortcut(QKeySequence(Qt.Key.Key_F5), self)
        again.activated.connect(self.browser.refresh)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.on_find)
        self.refresh_button.setToolTip("Read the list anew (F5).")

    def show_list(self, title: str, meaning: str, source: Source, *, search_first: bool = False) -> None:
        """Show this list; with `search_first` the keyboard begins in the search."""
        self.title.setText(title)
        self.meaning.setText(meaning)
        self._search_first = search_first
        self.browser.show_list(source)

    @Slot()
    def on_patient_chosen(self) -> None:
        """Another patient is chosen, or nobody."""
        chosen = self.browser.chosen_line is not None
        why_not = None if chosen else "No patient is chosen in the list."
        bar(self.open_button, why_not)
        bar(self.group_button, self._no_group or why_not)

    @Slot()
    def on_group_clicked(self) -> None:
        """Keep what is shown as a group."""
        if self.browser.query is not None:
            self.group_wanted.emit(self.browser.query)

    @Slot()
    def on_find(self) -> None:
        """The keyboard goes to the search."""
        self.browser.fields.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.browser.fields.search.selectAll()

    def default_button(self) -> QPushButton | None:
        """Open, unless something is being typed."""
        return None if self.browser.fields.search.hasFocus() else self.open_button

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def first_focus(self) -> QWidget | None:
        """The list; the search where that is what the page is for and nothing was found yet."""
        searches = self._search_first and self.browser.chosen_line is None
        return self.browser.fields.search if searches else self.browser.view
