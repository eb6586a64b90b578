"""Makes, renames and deletes patient groups from the page and from any list; every look and change in another thread.

The dialogs stay open until a change has been made, so that nothing typed is lost when it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.domain.errors import KnownError
from app.engine.groups import GroupDraft
from app.engine.lists import ListQuery, OfPractice
from app.engine.ports import GroupView
from app.ui import dialogs
from app.ui.background import BackgroundCall, Ended
from app.ui.patients.group_sheets import KeepSheet, NameSheet, NewGroupSheet, RenameSheet
from app.ui.patients.groups_page import GroupsPage
from app.ui.services import Services

_DELETE_QUESTION = "Delete this patient group?"


class GroupsController(QObject):
    """Lives in the window's thread. Signals: `refused(str)` with a reason in words; `failed(object)` with an unexpected
    error; `made(str)` with a sentence about the group that was made; `opened(object)` with a dialog.
    """

    refused = Signal(str)
    failed = Signal(object)
    made = Signal(str)
    opened = Signal(object)

    def __init__(self, services: Services, page: GroupsPage, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._groups = services.groups
        self._page = page
        self._window = window
        self.sheet: NameSheet | None = None
        self.question: QMessageBox | None = None
        self._members: GroupDraft | ListQuery | None = None
        self._renamed = ""
        # Goes up with everything typed: an answer to what stood there before is not shown.
        self._asked = 0
        self._is_changing = False
        page.new_wanted.connect(self.on_new_wanted)
        page.rename_wanted.connect(self.on_rename_wanted)
        page.delete_wanted.connect(self.on_delete_wanted)

    def read(self, chosen: str | None = None) -> None:
        """Show the groups as they stand, with the one of this name chosen."""
        queries = self._services.queries
        self._begin("groups", lambda: (chosen, queries.groups())).connect(self.on_groups_read)

    @property
    def is_busy(self) -> bool:
        """Whether a look or a change is under way."""
        return any(isinstance(one, BackgroundCall) for one in self.children())

    @Slot(object)
    def on_groups_read(self, ended: Ended) -> None:
        """The groups are there."""
        if self._is_sound(ended):
            chosen, groups = ended.value
            self._page.show_groups(groups, chosen)

    # --- making one -------------------------------------------------------------------------------------------------

    @Slot()
    def on_new_wanted(self) -> None:
        """A new group from numbers or a search."""
        if self._may_change():
            sheet = NewGroupSheet(self._window)
            sheet.text_given.connect(self.on_text_given)
            sheet.file_given.connect(self.on_file_given)
            sheet.search_given.connect(self.on_search_given)
            self._open(sheet, None)

    @Slot(ListQuery)
    def on_keep_wanted(self, query: ListQuery) -> None:
        """A new group of everybody on a list."""
        if self._may_change():
            self._open(KeepSheet(self._window), query)
            self._ask("list as group", lambda: self._groups.sizes(query))

    @Slot(str)
    def on_text_given(self, text: str) -> None:
        """Numbers were typed or pasted."""
        self._ask("numbers", lambda: self._groups.draft_of_text(text))

    @Slot(object)
    def on_file_given(self, path: Path) -> None:
        """A file of numbers was chosen."""
        self._ask("file of numbers", lambda: self._groups.draft_of_file(path))

    @Slot(str)
    def on_search_given(self, typed: str) -> None:
        """A search was typed."""
        query = ListQuery(OfPractice(), search=typed)
        self._members = query
        self._ask("search", lambda: self._groups.sizes(query))

    @Slot(object)
    def on_answered(self, ended: Ended) -> None:
        """It is known whom the group would hold."""
        if not self._is_sound(ended):
            return
        sheet = self.sheet
        asked, answer = ended.value
        if sheet is None or asked != self._asked:
            return
        if isinstance(answer, KnownError):
            sheet.refuse(str(answer))
        elif isinstance(sheet, NewGroupSheet) and isinstance(answer, GroupDraft):
            self._members = answer
            sheet.show_draft(answer)
        elif isinstance(sheet, NewGroupSheet):
            sheet.show_found(*answer)
        elif isinstance(sheet, KeepSheet):
            sheet.show_sizes(*answer)

    # --- changing ---------------------------------------------------------------------------------------------------

    @Slot(str)
    def on_rename_wanted(self, name: str) -> None:
        """Another name for a group."""
        if self._may_change():
            self._renamed = name
            self._open(RenameSheet(name, self._window), None)

    @Slot(str)
    def on_name_accepted(self, typed: str) -> None:
        """The dialog's OK was pressed."""
        groups, members, renamed = self._groups, self._members, self._renamed
        if isinstance(self.sheet, RenameSheet):
            self._change("rename group", lambda: groups.rename(renamed, typed), typed)
        elif members is not None:
            self._change("new group", lambda: groups.make(typed, members), typed)

    @Slot(str)
    def on_delete_wanted(self, name: str) -> None:
        """A group is to go: asked first."""
        if self._may_change():
            self._renamed = name
            words = f"{name}. Its patients stay in the practice's list; what was done in past runs stays as it is."
            self.question = dialogs.ask(self._window, "Delete group", _DELETE_QUESTION, detail=words)
            self.question.finished.connect(self.on_delete_answered)

    @Slot(int)
    def on_delete_answered(self, answer: int) -> None:
        """Yes deletes it."""
        self.question = None
        name, groups = self._renamed, self._groups
        if answer == QMessageBox.StandardButton.Yes.value:
            self._change("delete group", lambda: groups.delete(name), None)

    @Slot(object)
    def on_changed(self, ended: Ended) -> None:
        """A change was made, or refused."""
        self._is_changing = False
        if self.sheet is not None:
            self.sheet.ok_button.setEnabled(True)
        if isinstance(ended.error, KnownError):
            self._refuse(str(ended.error))
        elif self._is_sound(ended):
            chosen, made = ended.value
            if self.sheet is not None:
                self.sheet.dismiss()
            self.read(made.name if isinstance(made, GroupView) else chosen)
            if isinstance(made, GroupView):
                self.made.emit(f"The group {made.name} was made.")

    # --- within -----------------------------------------------------------------------------------------------------

    def _may_change(self) -> bool:
        """Whether this person may change groups; if not, it is said why before anything is typed."""
        if self.sheet is not None or self._is_changing:
            return False
        why_not = self._services.patients.why_not()
        if why_not is not None:
            self.refused.emit(why_not)
        return why_not is None

    def _open(self, sheet: NameSheet, members: ListQuery | None) -> None:
        self.sheet, self._members = sheet, members
        sheet.accepted_name.connect(self.on_name_accepted)
        sheet.finished.connect(self.on_sheet_closed)
        self.opened.emit(sheet)
        sheet.open()

    @Slot()
    def on_sheet_closed(self) -> None:
        """The dialog is done with."""
        if self.sheet is not None:
            self.sheet.deleteLater()
        self.sheet, self._members = None, None
        self._asked += 1

    def _ask(self, name: str, look: Callable[[], object]) -> None:
        self._asked += 1
        asked = self._asked
        self._begin(name, lambda: (asked, _answer_of(look))).connect(self.on_answered)

    def _change(self, name: str, change: Callable[[], object], chosen: str | None) -> None:
        if self._is_changing:
            return
        self._is_changing = True
        if self.sheet is not None:
            self.sheet.ok_button.setEnabled(False)
        kept = " ".join(chosen.split()) if chosen is not None else None
        self._begin(name, lambda: (kept, change())).connect(self.on_changed)

    def _refuse(self, words: str) -> None:
        if self.sheet is not None:
            self.sheet.refuse(words)
        else:
            self.refused.emit(words)

    def _begin(self, name: str, call: Callable[[], object]) -> SignalInstance:
        """Begin a call in another thread; its `ended` signal."""
        return BackgroundCall(name, call, self).ended

    def _is_sound(self, ended: Ended) -> bool:
        """Whether a call has returned; if not, its error is told."""
        if isinstance(ended.error, KnownError):
            self._refuse(str(ended.error))
        elif ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a call ended without telling how"))
        return ended.error is None and not ended.vanished


def _answer_of(look: Callable[[], object]) -> Any:
    """What a look finds, or the reason in words why it cannot: either belongs to what was asked."""
    try:
        return look()
    except KnownError as fault:
        return fault
