"""The fields above a list of patients: what is typed and chosen in them becomes another query. Shows no patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.engine.lists import ListQuery, ReasonCount, Sort
from app.ui.fields import FIELD_HEIGHT, Choice, TickBox, with_word
from app.ui.flow import FlowLayout
from app.ui.patients.columns import SORT_WORDS
from app.ui.patients.list_model import reason_choices
from app.ui.patients.manner import Manner
from app.ui.widgets import STEP, let_clear

_NOTHING_TO_SORT = "There is no list to search and sort: the line below says why."

_SEARCH_WIDTH = 60 * STEP

_TYPING_PAUSE_MS = 250
"""A search begins once nobody has typed for this long."""


class SearchBar(QWidget):
    """Signals: `wanted(ListQuery)` when the list is to be searched, filtered or sorted otherwise; `entered(ListQuery)`
    when Enter was pressed in the search, so that the keyboard is to go to the list.
    """

    wanted = Signal(ListQuery)
    entered = Signal(ListQuery)

    def __init__(self, manner: Manner) -> None:
        super().__init__()
        self._manner = manner
        self._query: ListQuery | None = None
        self.search = QLineEdit()
        self.reason = Choice()
        self.sort = Choice()
        self.reverse = TickBox("Rever&se")
        self._typing = QTimer(self, interval=_TYPING_PAUSE_MS, singleShot=True)
        self._name()
        flow = FlowLayout(self, spacing=3)
        for words, field in (("S&earch", self.search), ("", self.reason), ("Sort b&y", self.sort)):
            flow.addWidget(with_word(words, field) if words else field)
        flow.addWidget(self.reverse)
        self._flow = flow
        self.search.textEdited.connect(self.on_typed)
        self.search.returnPressed.connect(self.on_search_entered)
        self._typing.timeout.connect(self.on_typing_paused)
        self.reason.activated.connect(self.on_reason_activated)
        self.sort.activated.connect(self.on_sort_activated)
        self.reverse.clicked.connect(self.on_reverse_clicked)

    def _name(self) -> None:
        for choice in (self.reason, self.sort):
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.reason.setMinimumContentsLength(16)
        self.sort.setMinimumContentsLength(11)
        self.search.setMinimumHeight(FIELD_HEIGHT)
        self.search.setMinimumWidth(_SEARCH_WIDTH)
        self.search.setPlaceholderText("Name or NHS number")
        self.search.setAccessibleName("Search by name or NHS number")
        let_clear(self.search)
        self.reason.setAccessibleName("Show only one reason")
        self.sort.setAccessibleName("Sort by")
        self.reverse.setAccessibleName("Reverse the order")

    def add(self, field: QWidget) -> None:
        """A further field, after the others, also for the keyboard."""
        self._flow.addWidget(field)
        QWidget.setTabOrder(self.reverse, field)

    # --- what the list says -----------------------------------------------------------------------------------------

    def begin(self, query: ListQuery) -> None:
        """Another list, unfiltered: what it can be sorted by."""
        self.search.clear()
        self.reason.clear()
        self.reason.hide()
        self.sort.clear()
        for sort in dict.fromkeys(one.sort for one in self._manner.columns(query.source) if one.sort is not None):
            self.sort.addItem(SORT_WORDS[sort], sort)
        self.show_query(query)

    def show_query(self, query: ListQuery | None) -> None:
        """This is what is shown now; None is nothing, and what was typed last is not searched for any more."""
        self._query = query
        if query is None:
            self._typing.stop()
        else:
            self.sort.setCurrentIndex(self.sort.findData(query.sort))
            self.reverse.setChecked(query.descending)

    def offer_reasons(self, counted: Sequence[ReasonCount]) -> None:
        """The reasons there are on the list."""
        choices = reason_choices(counted, self._manner)
        self.reason.setVisible(bool(choices))
        self.reason.clear()
        for choice in choices:
            self.reason.addItem(choice.text, choice.reason)
        chosen = None if self._query is None else self._query.reason
        self.reason.setCurrentIndex(max(0, self.reason.findData(chosen)))

    def allow(self, allowed: bool) -> None:
        """Whether there is anything to search and to sort."""
        for field in (self.search, self.reason, self.sort, self.reverse):
            field.setEnabled(allowed)
            field.setAccessibleDescription("" if allowed else _NOTHING_TO_SORT)

    def turn_by(self, sort: Sort) -> None:
        """Sort by this, and the other way round when it is that already."""
        if self._query is not None:
            self._sort_by(sort, descending=sort is self._query.sort and not self._query.descending)

    # --- what is typed and pressed ----------------------------------------------------------------------------------

    @Slot(str)
    def on_typed(self, typed: str) -> None:  # noqa: ARG002 - the signal's own
        """Something was typed: searched for in a moment."""
        self._typing.start()

    @Slot()
    def on_search_entered(self) -> None:
        """Enter in the search: searched for now."""
        self._typing.stop()
        if self._query is not None:
            self.entered.emit(replace(self._query, search=self.search.text()))

    @Slot()
    def on_typing_paused(self) -> None:
        """Search for what was typed."""
        if self._query is not None and self.search.text() != self._query.search:
            self.wanted.emit(replace(self._query, search=self.search.text()))

    @Slot(int)
    def on_reason_activated(self, at: int) -> None:
        """Another reason was chosen."""
        if self._query is not None:
            self.wanted.emit(replace(self._query, reason=self.reason.itemData(at)))

    @Slot(int)
    def on_sort_activated(self, at: int) -> None:
        """Another order was chosen."""
        self._sort_by(self.sort.itemData(at), descending=False)

    @Slot(bool)
    def on_reverse_clicked(self, reverse: bool) -> None:
        """The other way round."""
        if self._query is not None:
            self._sort_by(self._query.sort, descending=reverse)

    def _sort_by(self, sort: Sort, *, descending: bool) -> None:
        if self._query is not None:
            self.wanted.emit(replace(self._query, sort=sort, descending=descending))
