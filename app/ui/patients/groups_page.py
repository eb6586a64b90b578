"""The page of patient groups: the groups with their sizes on the left, the chosen one's patients on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from app.engine.lists import OfGroup
from app.engine.ports import GroupView
from app.ui.flow import FlowLayout
from app.ui.help.topics import GROUPS
from app.ui.page import Page
from app.ui.patients.browser import PatientBrowser
from app.ui.patients.groups_model import EXPLANATION, NO_GROUPS, group_note, size_words, still_there
from app.ui.patients.table_model import ListReader
from app.ui.widgets import STEP, bar, button, label, tidy

_LIST_WIDTH = 52 * STEP
_NONE_CHOSEN = "There is no group to change."


class GroupsPage(Page):
    """Signals: `new_wanted()`; `members_wanted(str)`, `rename_wanted(str)` and `delete_wanted(str)` with the chosen
    group's name; `removal_wanted(str, int)` with that and the id of the chosen patient; `back_wanted()`. Those of its
    patients are reached through `browser`.
    """

    topic = GROUPS

    new_wanted = Signal()
    members_wanted = Signal(str)
    removal_wanted = Signal(str, int)
    rename_wanted = Signal(str)
    delete_wanted = Signal(str)
    back_wanted = Signal()

    def __init__(self, reader: ListReader) -> None:
        super().__init__()
        self._groups: Sequence[GroupView] = ()
        self.list = QListWidget()
        self.list.setProperty("role", "groups")
        self.list.setAccessibleName("Patient groups")
        self.list.setMaximumWidth(_LIST_WIDTH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.note = label(role="strong", wraps=True)
        self.none = label(NO_GROUPS, wraps=True)
        self.browser = PatientBrowser(reader)
        self.new_button = button("&New group…", primary=True)
        self.members_button = button("Chan&ge members…")
        self.removal_button = button("Ta&ke out of group…")
        self.rename_button = button("&Rename…")
        self.delete_button = button("Dele&te…")
        self.open_button = button("Open pat&ient")
        self.leave_button = button("&Back")
        self._lay_out()
        self._connect()
        self.show_groups((), None)

    def _lay_out(self) -> None:
        tidy(self.content, spacing=2)
        title, meaning = label("Patient groups", "value"), label(EXPLANATION, "secondary", wraps=True)
        for one in (title, meaning, self.none):
            one.setContentsMargins(STEP, 0, STEP, 0)
            self.content.addWidget(one)
        self._members = QWidget()
        right = QVBoxLayout(self._members)
        tidy(right, spacing=2)
        head = QWidget()
        flow = FlowLayout(head)
        # Room for the focus ring.
        flow.setContentsMargins(STEP, STEP, STEP, STEP)
        flow.addWidget(self.members_button)
        flow.addWidget(self.removal_button)
        self.note.setContentsMargins(STEP, 0, STEP, 0)
        right.addWidget(self.note)
        right.addWidget(head)
        right.addWidget(self.browser, 1)
        columns = QHBoxLayout()
        tidy(columns, spacing=3)
        # Room for the focus ring.
        columns.setContentsMargins(STEP, STEP, 0, STEP)
        columns.addWidget(self.list, 1)
        columns.addWidget(self._members, 3)
        self.content.addLayout(columns, 1)
        buttons = (self.new_button, self.rename_button, self.delete_button, self.open_button, self.leave_button)
        for pressed in buttons:
            self.footer.addWidget(pressed)

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self.on_group_chosen)
        self.new_button.clicked.connect(self.new_wanted)
        self.members_button.clicked.connect(self.on_members_clicked)
        self.removal_button.clicked.connect(self.on_removal_clicked)
        self.rename_button.clicked.connect(self.on_rename_clicked)
        self.delete_button.clicked.connect(self.on_delete_clicked)
        self.open_button.clicked.connect(self.browser.open_chosen)
        self.leave_button.clicked.connect(self.back_wanted)
        self.browser.patient_chosen.connect(self.on_patient_chosen)

    def show_groups(self, groups: Sequence[GroupView], chosen: str | None) -> None:
        """Show these groups, with the one of this name chosen, else the first."""
        self._groups = groups
        self.list.blockSignals(True)
        self.list.clear()
        for group in groups:
            item = QListWidgetItem(f"{group.name}\n{size_words(group.members, group.active)}")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{group.name}: {size_words(group.members, group.active)}")
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.none.setVisible(not groups)
        self.list.setVisible(bool(groups))
        self._members.setVisible(bool(groups))
        self.list.setCurrentRow(still_there(groups, chosen) if groups else -1)
        self.on_group_chosen(self.list.currentRow())
        if groups and self.window().focusWidget() is self.new_button:
            # It had the keyboard only because there were no groups to choose from yet.
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> GroupView | None:
        """The group that is chosen."""
        row = self.list.currentRow()
        return self._groups[row] if 0 <= row < len(self._groups) else None

    @Slot(int)
    def on_group_chosen(self, row: int) -> None:  # noqa: ARG002 - the signal's own
        """Another group was chosen: its patients."""
        group = self.chosen
        for one in (self.members_button, self.rename_button, self.delete_button):
            bar(one, None if group is not None else _NONE_CHOSEN)
        self.note.setText(group_note(group) if group is not None else "")
        source = OfGroup(group.name) if group is not None else None
        if source is None:
            self.browser.clear()
        elif self.browser.query is not None and self.browser.query.source == source:
            # The same group, read anew: one stays where one was in it.
            self.browser.refresh()
        else:
            self.browser.show_list(source)

    @Slot()
    def on_patient_chosen(self) -> None:
        """Another patient is chosen, or nobody."""
        why_not = None if self.browser.chosen_line is not None else "No patient is chosen."
        for one in (self.open_button, self.removal_button):
            bar(one, why_not)

    @Slot()
    def on_members_clicked(self) -> None:
        """Change who is in the chosen group."""
        if self.chosen is not None:
            self.members_wanted.emit(self.chosen.name)

    @Slot()
    def on_removal_clicked(self) -> None:
        """Take the chosen patient out of the chosen group."""
        line = self.browser.chosen_line
        if self.chosen is not None and line is not None:
            self.removal_wanted.emit(self.chosen.name, line.patient_id)

    @Slot()
    def on_rename_clicked(self) -> None:
        """Rename the chosen group."""
        if self.chosen is not None:
            self.rename_wanted.emit(self.chosen.name)

    @Slot()
    def on_delete_clicked(self) -> None:
        """Delete the chosen group."""
        if self.chosen is not None:
            self.delete_wanted.emit(self.chosen.name)

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def default_button(self) -> QPushButton | None:
        """Open where a patient is chosen and the keyboard is among the patients."""
        return self.open_button if self.browser.view.hasFocus() else None

    def first_focus(self) -> QWidget | None:
        """The groups, or the button that makes the first."""
        return self.list if self._groups else self.new_button
