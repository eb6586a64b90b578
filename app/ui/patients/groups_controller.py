"""Makes and changes patient groups from the page and from any list; every look and every change in another thread.

The dialogs stay open until a change has been made, so that nothing typed is lost when it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.domain.errors import KnownError
from app.engine.groups import GroupDraft, draft_of_one
from app.engine.lists import ListQuery, OfPractice
from app.ui import dialogs
from app.ui.background import BackgroundCall, Ended
from app.ui.patients.group_changes import Done, deleted, made, members_changed, renamed
from app.ui.patients.group_sheets import GroupSheet, KeepSheet, MembersSheet, NameSheet, NewGroupSheet, RenameSheet
from app.ui.patients.groups_page import GroupsPage
from app.ui.patients.whom_fields import WhomFields
from app.ui.services import Services

_DELETE_QUESTION = "Delete this patient group?"
_REMOVAL_QUESTION = "Take the chosen patient out of this group?"


class GroupsController(QObject):
    """Lives in the window's thread. Signals: `refused(str)` with a reason in words; `failed(object)` with an unexpected
    error; `told(str)` with a sentence about what was done; `opened(object)` with a dialog.
    """

    refused = Signal(str)
    failed = Signal(object)
    told = Signal(str)
    opened = Signal(object)

    def __init__(self, services: Services, page: GroupsPage, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._groups = services.groups
        self._page = page
        self._window = window
        self.sheet: GroupSheet | None = None
        self.question: QMessageBox | None = None
        self._members: GroupDraft | ListQuery | None = None
        self._group = ""
        # Goes up with everything typed: an answer to what stood there before is not shown.
        self._asked = 0
        self._is_changing = False
        page.new_wanted.connect(self.on_new_wanted)
        page.members_wanted.connect(self.on_members_wanted)
        page.removal_wanted.connect(self.on_removal_wanted)
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

    # --- who is meant -------------------------------------------------------------------------------------------------

    @Slot()
    def on_new_wanted(self) -> None:
        """A new group from numbers or a search."""
        if self._may_change():
            sheet = NewGroupSheet(self._window)
            self._answer_for(sheet.whom)
            self._open_named(sheet, None)

    @Slot(ListQuery)
    def on_keep_wanted(self, query: ListQuery) -> None:
        """A new group of everybody on a list."""
        if self._may_change():
            self._open_named(KeepSheet(self._window), query)
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
        elif isinstance(sheet, NewGroupSheet | MembersSheet) and isinstance(answer, GroupDraft):
            self._members = answer
            sheet.whom.show_draft(answer)
        elif isinstance(sheet, NewGroupSheet | MembersSheet):
            sheet.whom.show_found(*answer)
        elif isinstance(sheet, KeepSheet):
            sheet.show_sizes(*answer)

    def _answer_for(self, whom: WhomFields) -> None:
        whom.text_given.connect(self.on_text_given)
        whom.file_given.connect(self.on_file_given)
        whom.search_given.connect(self.on_search_given)

    # --- changing ---------------------------------------------------------------------------------------------------

    @Slot(str)
    def on_rename_wanted(self, name: str) -> None:
        """Another name for a group."""
        if self._may_change():
            self._group = name
            self._open_named(RenameSheet(name, self._window), None)

    @Slot(str)
    def on_members_wanted(self, name: str) -> None:
        """Other patients are to be in a group."""
        if self._may_change():
            self._group = name
            sheet = MembersSheet(name, self._window)
            self._answer_for(sheet.whom)
            sheet.accepted_members.connect(self.on_members_accepted)
            self._open(sheet, None)

    @Slot(bool)
    def on_members_accepted(self, adds: bool) -> None:
        """OK was pressed: these are to be added, or taken out."""
        groups, name, whom = self._groups, self._group, self._members
        if whom is not None:
            self._change("members of a group", lambda: members_changed(groups, name, whom, adds=adds))

    @Slot(str, int)
    def on_removal_wanted(self, name: str, patient_id: int) -> None:
        """The chosen patient is to be taken out of a group: asked first."""
        if self._may_change():
            self._group, self._members = name, draft_of_one(patient_id)
            words = f"Group: {name}. The patient stays in the practice's list, and in the runs that have begun."
            self.question = dialogs.ask(self._window, "Take out of group", _REMOVAL_QUESTION, detail=words)
            self.question.finished.connect(self.on_removal_answered)

    @Slot(int)
    def on_removal_answered(self, answer: int) -> None:
        """Yes takes the patient out."""
        self.question = None
        if answer == QMessageBox.StandardButton.Yes.value:
            self.on_members_accepted(False)

    @Slot(str)
    def on_name_accepted(self, typed: str) -> None:
        """The dialog's OK was pressed."""
        groups, members, name = self._groups, self._members, self._group
        if isinstance(self.sheet, RenameSheet):
            self._change("rename group", lambda: renamed(groups, name, typed))
        elif members is not None:
            self._change("new group", lambda: made(groups, typed, members))

    @Slot(str)
    def on_delete_wanted(self, name: str) -> None:
        """A group is to go: asked first."""
        if self._may_change():
            self._group = name
            words = f"{name}. Its patients stay in the practice's list; what was done in past runs stays as it is."
            self.question = dialogs.ask(self._window, "Delete group", _DELETE_QUESTION, detail=words)
            self.question.finished.connect(self.on_delete_answered)

    @Slot(int)
    def on_delete_answered(self, answer: int) -> None:
        """Yes deletes it."""
        self.question = None
        name, groups = self._group, self._groups
        if answer == QMessageBox.StandardButton.Yes.value:
            self._change("delete group", lambda: deleted(groups, name))

    @Slot(object)
    def on_changed(self, ended: Ended) -> None:
        """A change was made, or refused."""
        self._is_changing = False
        if self.sheet is not None:
            self.sheet.ok_button.setEnabled(True)
        if isinstance(ended.error, KnownError):
            self._refuse(str(ended.error))
        elif self._is_sound(ended):
            done: Done = ended.value
            if self.sheet is not None:
                self.sheet.dismiss()
            self.read(done.chosen)
            if done.words:
                self.told.emit(done.words)

    # --- within -----------------------------------------------------------------------------------------------------

    def _may_change(self) -> bool:
        """Whether this person may change groups; if not, it is said why before anything is typed."""
        if self.sheet is not None or self._is_changing:
            return False
        why_not = self._services.patients.why_not()
        if why_not is not None:
            self.refused.emit(why_not)
        return why_not is None

    def _open_named(self, sheet: NameSheet, members: ListQuery | None) -> None:
        sheet.accepted_name.connect(self.on_name_accepted)
        self._open(sheet, members)

    def _open(self, sheet: GroupSheet, members: ListQuery | None) -> None:
        self.sheet, self._members = sheet, members
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

    def _change(self, name: str, change: Callable[[], Done]) -> None:
        if self._is_changing:
            return
        self._is_changing = True
        if self.sheet is not None:
            self.sheet.ok_button.setEnabled(False)
        self._begin(name, change).connect(self.on_changed)

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
